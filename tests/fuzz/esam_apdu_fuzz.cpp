// An emulated secure element fed with APDUs of any kind: pieces of the input, each with a length byte before it. Without a key nothing
// may credit money or change keys and parameters; every answer has a status word, and none holds a key.
#include <algorithm>
#include <cstdlib>

#include "meter/esam/esam.h"

namespace {

class NoStorage final : public meter::Storage {
public:
    base::Status save(const base::Secret&) override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meter;
    static const SecurityState factory = SecurityState::fresh(dlt645::Address::parse("123456789012").value(), kHighGradeKeys);
    NoStorage storage;
    const base::ManualClock clock(1'795'330'800'000);
    SecurityState state = factory.duplicate();
    const bool private_keys = size > 0 && data[0] % 2 == 1;  // the card's steps want them
    if (private_keys) {
        KeySet set(KeySetName{KeyState::private_keys, 1}, kHighGradeKeys);
        for (std::size_t id = 0; id < kHighGradeKeys; ++id) set.put(static_cast<KeyId>(id), suite::factory_key(static_cast<KeyId>(id)));
        state.keys = std::move(set);
    }
    const KeySetName name = state.keys.name();
    esam::Esam element(std::move(state), storage, clock, 5 * base::kMinute);
    base::ByteReader in(base::ByteView(data, size).subspan(std::min<std::size_t>(size, 1)));
    while (in.left() > 1) {
        const std::uint8_t length = in.u8().value();
        const auto apdu = in.bytes(std::min<std::size_t>(length, in.left()));
        const base::Bytes answer = element.transmit(*apdu);
        if (answer.size() < 2 || answer.size() > 258) std::abort();
        const bool leaks = element.state().keys.bytes().reveal([&](base::ByteView keys) {
            for (std::size_t id = 0; id < kHighGradeKeys; ++id) {
                const base::ByteView key = keys.subspan(id * kKeySize, kKeySize);
                if (std::search(answer.begin(), answer.end(), key.begin(), key.end()) != answer.end()) return true;
            }
            return false;
        });
        if (leaks) std::abort();
    }
    const SecurityState& now = element.state();
    if (now.wallet.balance > 0 || now.wallet.open || now.wallet.count != 0 || !now.staging.empty() || now.keys.name() != name) std::abort();
    if (now.parameters.alarm1 != factory.parameters.alarm1 || now.parameters.overdraft_limit != 0) std::abort();
    return 0;
}
