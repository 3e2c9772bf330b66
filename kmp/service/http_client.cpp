#include "kmp/service/http_client.h"

#include <curl/curl.h>

#include <memory>
#include <mutex>

namespace kmp::service {
namespace {

using base::Code;

struct Free {
    void operator()(CURL* p) const { curl_easy_cleanup(p); }
    void operator()(curl_slist* p) const { curl_slist_free_all(p); }
};

struct Receiving {
    std::string body;
    std::size_t limit = 0;
    bool too_long = false;
};

std::size_t take(char* data, std::size_t, std::size_t size, void* to) {
    auto& in = *static_cast<Receiving*>(to);
    if (in.body.size() + size > in.limit) {
        in.too_long = true;
        return 0;
    }
    in.body.append(data, size);
    return size;
}

/// Heads are bounded too, and thrown away.
std::size_t pass_over(char*, std::size_t, std::size_t size, void* to) {
    constexpr std::size_t kMaxHead = 16384;
    auto& seen = *static_cast<std::size_t*>(to);
    seen += size;
    return seen > kMaxHead ? 0 : size;
}

int go_on(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0; }

}  // namespace

base::Result<HttpReply> http_exchange(const std::string& url, const std::optional<std::string>& body, const HttpLimits& limits, const std::atomic<bool>& stop) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    const std::unique_ptr<CURL, Free> curl(curl_easy_init());
    const std::unique_ptr<curl_slist, Free> head(curl_slist_append(nullptr, "Content-Type: text/plain"));
    if (!curl || !head) throw std::bad_alloc();
    Receiving in{{}, limits.body, false};
    std::size_t heads = 0;
    char why[CURL_ERROR_SIZE] = "";
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.whole.count()));
    set(CURLOPT_ERRORBUFFER, &why[0]);
    set(CURLOPT_HTTPHEADER, head.get());
    set(CURLOPT_WRITEFUNCTION, &take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&in));
    set(CURLOPT_HEADERFUNCTION, &pass_over);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&heads));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &go_on);
    set(CURLOPT_XFERINFODATA, const_cast<void*>(static_cast<const void*>(&stop)));
    if (body) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, body->c_str());
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
    }
    const CURLcode code = curl_easy_perform(curl.get());
    if (in.too_long) return {Code::malformed, url + " answered with more than " + std::to_string(limits.body) + " bytes"};
    if (code == CURLE_ABORTED_BY_CALLBACK) return {Code::cancelled, "the service ends"};
    if (code == CURLE_OPERATION_TIMEDOUT) return {Code::timeout, url + " does not answer in time"};
    if (code != CURLE_OK) return {Code::io_failed, url + ": " + (why[0] != '\0' ? why : curl_easy_strerror(code))};
    HttpReply out;
    const char* type = nullptr;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &out.status);
    curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
    out.type = type == nullptr ? "" : type;
    out.body = std::move(in.body);
    return out;
}

}  // namespace kmp::service
