// The benchmark links nothing of the core, so it compiles Asio and Beast for itself (BOOST_*_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
