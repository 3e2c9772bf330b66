#pragma once
#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"

namespace kmp::service {

struct HttpReply {
    long status = 0;
    std::string type;  ///< Content-Type
    std::string body;
};
struct HttpLimits {
    std::chrono::milliseconds connect{2000};
    std::chrono::milliseconds whole{5000};  ///< from the first byte to the last, however they drip
    std::size_t body = 65536;               ///< bytes of an answer; more ends it
};

/// POST where there is a body, otherwise GET. http or https (the machine's certificate authorities); no redirect is followed and no proxy asked.
/// errors: io_failed, timeout, malformed (an answer that is too long), cancelled (`stop` became true). Thread: any; blocks
base::Result<HttpReply> http_exchange(const std::string& url, const std::optional<std::string>& body, const HttpLimits& limits, const std::atomic<bool>& stop);

}  // namespace kmp::service
