#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "pcsc/card_reader.h"

namespace vending {

/// A card's files by their short id, and their bytes with the wrapper. source: SUITE.md 5.1
enum class CardFile : std::uint8_t { parameters = 1, wallet = 2, tariffs = 3, next_tariffs = 4, write_back = 5 };
constexpr std::size_t size_of(CardFile file) noexcept {
    switch (file) {
        case CardFile::parameters: return 45;
        case CardFile::wallet: return 8;
        case CardFile::tariffs:
        case CardFile::next_tariffs: return 264;
        case CardFile::write_back: return 49;
    }
    return 0;
}
inline constexpr std::size_t kMaxCardPiece = 240;  ///< data that one command carries

/// What a station says to one card. Every secured byte comes from kmpd. Fields are most significant byte first. One thread at a time.
/// Errors: those of CardReader::transmit, and refused (the card says no: the message says why, `raw` is the status word)
class CardDialogue {
public:
    explicit CardDialogue(pcsc::CardReader& reader) : reader_(reader) {}

    /// The card's serial, 8 bytes; afterwards its application is selected.
    base::Result<std::string> select();
    /// 8 bytes.
    base::Result<std::string> prove_itself(base::ByteView random);
    /// `size` 8 or 4. It holds for the next command only.
    base::Result<std::string> challenge(std::size_t size);
    /// EXTERNAL AUTHENTICATE, with a challenge of 8 drawn just before.
    base::Status prove_station(base::ByteView response);
    struct Read {
        std::string random;  ///< 8
        std::string data;
        std::string mac;     ///< 4
    };
    /// READ BINARY, secured; at most kMaxCardPiece bytes from `offset`. `random`: 8 bytes; empty: drawn here.
    base::Result<Read> read(CardFile file, std::size_t offset, std::size_t size, std::string random = {});
    /// UPDATE BINARY, with a challenge of 4 drawn just before.
    base::Status update(CardFile file, std::size_t offset, base::ByteView data, base::ByteView mac);
    /// WRITE KEY, with a challenge of 4 drawn just before. `state` 0 factory, 1 private.
    base::Status write_key(std::uint8_t state, std::uint8_t usage, base::ByteView wrapped, base::ByteView mac);

private:
    base::Result<std::string> ask(const std::string& what, std::array<std::uint8_t, 4> head, base::ByteView data, std::optional<std::size_t> le);
    pcsc::CardReader& reader_;
};

}  // namespace vending
