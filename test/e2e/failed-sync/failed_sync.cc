// Preloaded into the program: fdatasync fails while the file named by LT_FAILED_SYNC exists.
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

extern "C" int fdatasync(int file) {
  const char* sign = std::getenv("LT_FAILED_SYNC");
  if (sign && ::access(sign, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fdatasync"));
  return real(file);
}
