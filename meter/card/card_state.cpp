#include "meter/card/card_state.h"

#include <algorithm>

#include "base/digest.h"

namespace meter::card {
namespace {

constexpr std::string_view kMagic = "KMP-CARD";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kKeysSize = kUsages.size() * kKeySize;
constexpr std::size_t kBodySize = kMagic.size() + 1 + sizeof(Serial) + 1 + kKeysSize + 1 + kContentSize;
constexpr std::size_t kRecordSize = kBodySize + sizeof(base::Digest);

constexpr std::size_t place_of(FileId id) noexcept {
    std::size_t at = 0;
    for (const FileId each : kFiles) {
        if (each == id) break;
        at += file_size(each);
    }
    return at;
}
static_assert(place_of(FileId::write_back) + file_size(FileId::write_back) == kContentSize);

}  // namespace

std::optional<FileId> file_from(std::uint8_t short_id) noexcept {
    const auto id = static_cast<FileId>(short_id);
    return file_size(id) == 0 ? std::nullopt : std::optional(id);
}

CardState CardState::blank(const Serial& serial) { return CardState{serial, CardKeys::factory(serial), kTries, {}}; }

std::span<std::uint8_t> CardState::file(FileId id) noexcept { return std::span(content).subspan(place_of(id), file_size(id)); }
base::ByteView CardState::file(FileId id) const noexcept { return base::ByteView(content).subspan(place_of(id), file_size(id)); }

base::Secret encode(const CardState& state) {
    base::Secret out(kRecordSize);
    out.fill([&](std::span<std::uint8_t> record) {
        // Straight into locked memory: ByteWriter would leave copies of the keys behind.
        auto at = record.begin();
        const auto put = [&](base::ByteView bytes) { at = std::copy(bytes.begin(), bytes.end(), at); };
        put(base::as_bytes(kMagic));
        *at++ = kFormat;
        put(state.serial);
        *at++ = static_cast<std::uint8_t>(state.keys.state());
        state.keys.bytes().reveal(put);
        *at++ = state.tries;
        put(state.content);
        put(base::sha256(record.first(kBodySize)));
    });
    return out;
}

base::Result<CardState> decode_card(base::ByteView record) {
    const std::size_t head = kMagic.size() + 1;
    if (record.size() < head || base::as_text(record.first(kMagic.size())) != kMagic) return {base::Code::tampered, "it is not the state of a card"};
    if (record[kMagic.size()] != kFormat)
        return {base::Code::unsupported, "it has format " + std::to_string(record[kMagic.size()]) + ", this program reads format 1"};
    if (record.size() != kRecordSize)
        return {base::Code::tampered, "it has " + std::to_string(record.size()) + " bytes instead of " + std::to_string(kRecordSize)};
    const base::Digest digest = base::sha256(record.first(kBodySize));
    if (!std::equal(digest.begin(), digest.end(), record.begin() + kBodySize)) return {base::Code::tampered, "its checksum does not hold"};

    base::ByteReader in(record.subspan(head, kBodySize - head));
    CardState out;
    KMP_TRY(const base::ByteView serial, in.bytes(out.serial.size()));
    KMP_TRY(const std::uint8_t state, in.u8());
    KMP_TRY(const base::ByteView keys, in.bytes(kKeysSize));
    KMP_TRY(out.tries, in.u8());
    KMP_TRY(const base::ByteView content, in.bytes(kContentSize));
    KMP_CHECK(in.end());
    if (state > 1) return {base::Code::tampered, "no such key state"};
    if (out.tries > kTries) return {base::Code::tampered, "no such count of tries"};
    std::copy(serial.begin(), serial.end(), out.serial.begin());
    out.keys = CardKeys(static_cast<KeyState>(state));
    out.keys.bytes().fill([&](std::span<std::uint8_t> to) { std::copy(keys.begin(), keys.end(), to.begin()); });
    std::copy(content.begin(), content.end(), out.content.begin());
    return out;
}

}  // namespace meter::card
