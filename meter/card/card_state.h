#pragma once
#include <array>
#include <optional>
#include <span>

#include "meter/card/card_keys.h"

namespace meter::card {

/// The files of a card by their short id. source: SUITE.md 5.1
enum class FileId : std::uint8_t { parameters = 0x01, wallet = 0x02, tariffs = 0x03, next_tariffs = 0x04, write_back = 0x05, serial = 0x19 };
inline constexpr std::array kFiles{FileId::parameters, FileId::wallet, FileId::tariffs, FileId::next_tariffs, FileId::write_back};

/// Bytes of a file, wrapper included.
constexpr std::size_t file_size(FileId id) noexcept {
    switch (id) {
        case FileId::parameters: return 45;
        case FileId::wallet: return 8;
        case FileId::tariffs:
        case FileId::next_tariffs: return 264;
        case FileId::write_back: return 49;
        case FileId::serial: return 9;
    }
    return 0;
}
/// The file that a short id names; nothing for another byte.
std::optional<FileId> file_from(std::uint8_t short_id) noexcept;

inline constexpr std::size_t kContentSize = 45 + 8 + 264 + 264 + 49;
inline constexpr std::uint8_t kTries = 15;

/// Everything that a card still knows when it is pulled out.
struct CardState {
    Serial serial{};
    CardKeys keys = CardKeys(KeyState::factory);
    std::uint8_t tries = kTries;  ///< wrong external authentications that are left
    std::array<std::uint8_t, kContentSize> content{};  ///< the files of kFiles one behind the other

    /// A blank card: factory keys, files of zeros.
    static CardState blank(const Serial& serial);
    /// The whole state again, keys included: a change is made on it, stored, and only then taken over.
    CardState duplicate() const { return CardState{serial, keys.duplicate(), tries, content}; }

    /// A file of kFiles.
    std::span<std::uint8_t> file(FileId id) noexcept;
    base::ByteView file(FileId id) const noexcept;
};

/// The record of a state: fixed size, versioned, with a SHA-256 at its end that tells damage (not an attacker: whoever can write the
/// file owns the emulator).
base::Secret encode(const CardState& state);
/// errors: tampered (damaged); unsupported (written by another version)
base::Result<CardState> decode_card(base::ByteView record);

}  // namespace meter::card
