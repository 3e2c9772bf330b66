// A sealed file, opened with a key that no input was sealed under, and one that it was: any bytes give an error or the bytes that were sealed, the same in any pieces.
#include <algorithm>
#include <cstdlib>

#include "audit/envelope.h"

namespace {

struct Outcome {
    base::Bytes plain;
    std::string error;
    bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(base::ByteView bytes, std::size_t piece) {
    std::size_t at = 0;
    const audit::ByteSource source = audit::opened(
        [&](std::span<std::uint8_t> out) -> base::Result<std::size_t> {
            const std::size_t n = std::min({piece, out.size(), bytes.size() - at});
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), n, out.begin());
            at += n;
            return n;
        },
        [](const std::vector<audit::Recipient>&) -> base::Result<base::Secret> {
            base::Secret key(audit::kContentKey);  // that of the document's example, of which the corpus has files
            key.fill([](std::span<std::uint8_t> k) {
                for (std::size_t i = 0; i < k.size(); ++i) k[i] = static_cast<std::uint8_t>(i);
            });
            return key;
        });
    Outcome out;
    base::Bytes buffer(piece);
    for (;;) {
        const auto n = source(buffer);
        if (!n) {
            if (n.error().code != base::Code::malformed) std::abort();
            out.error = n.error().message;
            return out;
        }
        if (*n == 0) return out;
        out.plain.insert(out.plain.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    if (outcome_of(bytes, size + 1) != outcome_of(bytes, 13)) std::abort();
    return 0;
}
