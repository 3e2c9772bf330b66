// A charging card fed with commands of any kind. The input is a row of APDUs, each behind a byte that says how long it is; its first
// byte says whether a station has proved itself before. Without a MAC key nothing may change files or keys; whatever comes gets a
// status word.
#include <algorithm>
#include <cstdlib>

#include "meter/card/card.h"

namespace {

using namespace meter::card;

class NoStorage final : public CardStorage {
public:
    base::Status save(const CardState&) override { return {}; }
};

base::Bytes joined(std::initializer_list<base::ByteView> parts) {
    base::Bytes out;
    for (const auto part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

void authenticate(Card& card) {
    static constexpr std::uint8_t kSelect[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0xDF, 0x01};
    static constexpr std::uint8_t kChallenge[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    static constexpr std::uint8_t kProof[] = {0x00, 0x82, 0x00, 0x02, 0x08};
    card.answer(kSelect);
    base::Bytes drawn = card.answer(kChallenge);
    drawn.resize(8);
    const base::Bytes proof = make_mac(card.state().keys, Usage::external_authentication, Direction::to_meter, {0x00, 0x82, 0x00, 0x02}, drawn, {}, kProofSize);
    if (card.answer(joined({kProof, proof})) != base::Bytes{0x90, 0x00}) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const CardState blank = CardState::blank({1, 2, 3, 4, 5, 6, 7, 8});
    NoStorage storage;
    Card card(blank.duplicate(), storage);
    if (data[0] % 2 == 1) authenticate(card);
    base::ByteReader in(base::ByteView(data + 1, size - 1));
    for (int i = 0; i < 64 && in.left() > 0; ++i) {
        const std::size_t length = in.u8().value();
        const auto apdu = in.bytes(std::min(length, in.left()));
        const base::Bytes answer = card.answer(*apdu);
        if (answer.size() < 2 || answer.size() > 246) std::abort();
    }
    if (card.state().content != blank.content || !card.state().keys.bytes().equals(blank.keys.bytes())) std::abort();
    return 0;
}
