#include "meter/card/apdu.h"

#include <algorithm>

namespace meter::card {

base::Result<Apdu> parse_apdu(base::ByteView bytes) {
    const base::Error wrong{base::Code::malformed, "not a short APDU"};
    Apdu out{};
    if (bytes.size() < out.head.size()) return wrong;
    std::copy_n(bytes.begin(), out.head.size(), out.head.begin());
    const base::ByteView body = bytes.subspan(out.head.size());
    const auto length = [](std::uint8_t le) { return le == 0 ? std::size_t{256} : le; };
    if (body.empty()) return out;  // case 1
    if (body.size() == 1) {        // case 2
        out.le = length(body[0]);
        return out;
    }
    const std::size_t lc = body[0];
    if (lc == 0 || body.size() < 1 + lc || body.size() > 2 + lc) return wrong;
    out.data = body.subspan(1, lc);
    if (body.size() == 2 + lc) out.le = length(body.back());  // case 4
    return out;
}

base::Bytes Answer::encode() const {
    base::ByteWriter out;
    out.bytes(data);
    out.u16(status);
    return std::move(out).take();
}

}  // namespace meter::card
