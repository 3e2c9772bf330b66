#include "kmp/service/endpoint.h"

#include <algorithm>
#include <asio/ip/address.hpp>
#include <charconv>

namespace kmp::service {

using base::Code;

base::Result<Endpoint> parse_endpoint(const std::string& text, const std::string& key) {
    const auto bad = [&] { return base::Error{Code::invalid_argument, key + ": '" + text + "' is no ADDRESS:PORT, as 127.0.0.1:7450 or [::]:7450"}; };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return bad();
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    Endpoint out;
    const char* end = text.data() + text.size();
    if (const auto [at, wrong] = std::from_chars(text.data() + colon + 1, end, out.port); wrong != std::errc() || at != end) return bad();
    std::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) return bad();
    out.address = address.to_string();
    out.v6 = address.is_v6();
    out.loopback = address.is_loopback();
    return out;
}

std::string text_of_v6(base::ByteView address, std::uint16_t port) {
    asio::ip::address_v6::bytes_type bytes{};
    std::copy_n(address.begin(), std::min(address.size(), bytes.size()), bytes.begin());
    return "[" + asio::ip::address_v6(bytes).to_string() + "]:" + std::to_string(port);
}

base::Status check_metrics_listen(const std::string& text) {
    if (text.empty() || text == "unix") return {};
    KMP_TRY(const Endpoint endpoint, parse_endpoint(text, "metrics.listen"));
    if (!endpoint.loopback)
        return {Code::invalid_argument, "metrics.listen: " + text + " can be reached from other machines, and metrics are read without a password; take \"unix\" or 127.0.0.1:PORT, and a proxy that asks who reads"};
    return {};
}

}  // namespace kmp::service
