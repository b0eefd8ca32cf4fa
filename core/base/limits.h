// Every limit of the house, in one place. Sizes in bytes unless the name says otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace lt::limits {

inline constexpr size_t kInlineBody = 64 << 10;        // larger bodies stream to the blob store
inline constexpr size_t kLiftedString = 64 << 10;      // longer strings in JSON and XML become blob ranges
inline constexpr uint64_t kBody = uint64_t{2} << 30;   // any body, unless an endpoint says less
inline constexpr size_t kDocumentDepth = 128;          // nesting of JSON and XML
inline constexpr size_t kDocumentNodes = 2'000'000;    // nodes of one decoded document
inline constexpr size_t kXmlAttributes = 256;          // attributes of one element
inline constexpr size_t kName = 512;                   // one JSON member name or XML name
inline constexpr size_t kHeaderBlock = 16 << 10;       // HTTP header block by default
inline constexpr size_t kHeaderBlockMost = 256 << 10;  // where an adapter asks for more (national axis)
inline constexpr size_t kZipRatio = 200;               // inflated : deflated
inline constexpr uint64_t kZipInflated = uint64_t{2} << 30;
inline constexpr size_t kReceivers = 2'000;         // receivers of one message
inline constexpr size_t kSplitParts = 500;          // parts of one message whose type splits
inline constexpr uint64_t kSplitBody = 8 << 20;     // such a message: it is read again for each part
inline constexpr size_t kSplitAddressees = 50'000;  // its parts times their receivers
inline constexpr size_t kYamlDepth = 32;
inline constexpr size_t kYamlBytes = 4 << 20;         // one configuration file
inline constexpr size_t kYamlAliases = 64;            // nodes that all aliases of one file may copy
inline constexpr size_t kConfigFiles = 1'000;         // files of one configuration directory
inline constexpr size_t kReferencedFile = 64 << 10;   // what ${file:path} may read
inline constexpr size_t kFindings = 500;              // findings kept of one check; more are counted
inline constexpr size_t kSchemaFiles = 2'000;         // files below one schemas folder
inline constexpr size_t kSchemaFile = 4 << 20;        // one schema, type file or table
inline constexpr size_t kSchemaDepth = 64;            // nesting of a schema, and of the paths listed from it
inline constexpr size_t kSchemaTypes = 20'000;        // types of one schema, its references included
inline constexpr size_t kSchemaPaths = 20'000;        // paths listed of one schema
inline constexpr size_t kSchemaRequired = 512;        // required names of one object
inline constexpr uint64_t kSchemaSteps = 20'000'000;  // rule applications on one document
inline constexpr size_t kSchemaProblems = 20;         // problems described of one document; more are counted
inline constexpr size_t kExtractedKeys = 64;          // business keys taken from one document
inline constexpr size_t kExtractedKey = 256;          // bytes of one order, dedupe or business key
inline constexpr size_t kCsvRows = 200'000;           // rows of one CSV file
inline constexpr size_t kComparedName = 64;           // names compared for "did you mean"
inline constexpr size_t kLogValue = 8 << 10;          // one text in a log line; the rest is cut
inline constexpr uint32_t kLogRepeats = 20;           // identical log lines written per second; more are counted
inline constexpr size_t kLogRepeatKeys = 1'024;       // different log lines watched for repeats at once
inline constexpr size_t kMetricSeries = 10'000;       // label sets of one metric; more share one series
inline constexpr size_t kJournalRecord = 64 << 20;    // one record, header and body (checkpoints are the large ones)
inline constexpr size_t kJournalBatch = 8 << 20;      // records of one sync, unless a single record is larger
inline constexpr size_t kJournalQueue = 256 << 20;    // bytes waiting for the journal thread
inline constexpr uint64_t kCheckpoint = uint64_t{8} << 30;  // one checkpoint file
inline constexpr size_t kHistoryBlock = 256 << 10;          // records of one compressed block of history
inline constexpr size_t kCarriedAtOnce = 10'000;            // records one turn of a trim copies forward
inline constexpr size_t kJournalOpenFiles = 32;             // segment files kept open for reading
inline constexpr size_t kDedupeKeys = 16'000'000;           // dedupe keys remembered; more shorten the window
inline constexpr size_t kUrgentKeys = 65'536;               // keys of a lane's spill known to be urgent; more wait
inline constexpr size_t kCauseText = 500;                   // cause of a delivery's state kept in memory
inline constexpr size_t kIoChunk = 64 << 10;                // one read or write of a streamed body
inline constexpr size_t kBodyChunk = 256 << 10;       // of a large body received: one is filled while one is worked on
inline constexpr size_t kScanPiece = 16 << 10;        // of a chunk looked at in one go: stays in the processor's cache
inline constexpr uint64_t kWritebackEvery = 8 << 20;  // of a blob, so that its sync is short
inline constexpr uint64_t kRoomEvery = 16 << 20;      // of a blob, between two looks at the free space
inline constexpr uint64_t kBodyRate = 1 << 10;        // bytes per second a sender must reach over a whole body
inline constexpr size_t kQuotas = 1'000;              // entries of `quotas`
inline constexpr size_t kQuotaAgencies = 20'000;      // agencies counted apart in one day; more share one count
inline constexpr size_t kUnreadBody = 256 << 10;  // of a request that its handler left: drained to keep the connection
inline constexpr size_t kLingerBytes = 16 << 20;  // read and dropped after an early refusal, so that the answer arrives
inline constexpr int kLingerMs = 2'000;
inline constexpr int kIdleConnectionMs = 60'000;  // of the HTTP client's pool
inline constexpr size_t kHeaderFields = 256;      // of one HTTP message
inline constexpr size_t kMultipartParts = 1'000;
inline constexpr size_t kCatalogInbox = 8'192;               // facts that wait for the catalog ...
inline constexpr size_t kCatalogInboxBytes = 32 << 20;       // ... and the inline bodies they keep alive
inline constexpr size_t kCatalogBatch = 1'024;               // facts of one catalog transaction
inline constexpr size_t kCatalogOpenDays = 12;               // day files open at once, each for writing and for reading
inline constexpr size_t kCatalogPage = 500;                  // messages of one answer
inline constexpr size_t kCatalogDays = 400;                  // days one query walks
inline constexpr size_t kCatalogDaysScanned = 31;            // days one query without an index walks
inline constexpr std::chrono::seconds kCatalogQueryTime{2};  // a list stops between days after so long
inline constexpr size_t kCatalogTimeline = 5'000;            // events of one timeline
inline constexpr size_t kCatalogTimelineMessages = 500;      // messages of one timeline
inline constexpr size_t kCatalogAnswers = 20'000;            // answers read for one message
inline constexpr size_t kExpression = 2'000;                 // bytes of one expression of a mapping
inline constexpr size_t kExpressionDepth = 24;               // nesting of one expression
inline constexpr size_t kExpressionText = 64 << 10;          // bytes that one expression may make
inline constexpr uint64_t kMappingSteps = 200'000'000;       // operations on one document
inline constexpr size_t kOneOfCases = 64;                    // cases of one `one_of`, prefixes of one `spread`
inline constexpr size_t kEmbedded = 1 << 20;                 // bytes of a document inside a string
inline constexpr size_t kStylesheet = 1 << 20;               // bytes of an XSLT file
inline constexpr size_t kStylesheetInput = 16 << 20;         // bytes of the document it translates, and of its output
inline constexpr unsigned long kStylesheetSteps = 5'000'000;  // operations of libxslt, and again of its XPath
inline constexpr size_t kFileAddress = 4'000;                 // bytes of the address of a file
inline constexpr size_t kMappingRules = 5'000;                // rules of one mapping file
inline constexpr size_t kPatternGroups = 16;                  // named groups of one `parts` pattern
inline constexpr size_t kExchangeReply = 1 << 20;             // of a partner that is asked
inline constexpr size_t kCachedAnswers = 1'000'000;           // entries that the cache of one exchange may be given ...
inline constexpr uint64_t kCachedBytes = uint64_t{1} << 30;   // ... and bytes
inline constexpr size_t kShownCode = 64;                      // of a code, as an error shows it

}  // namespace lt::limits
