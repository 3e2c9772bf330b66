#pragma once
#include "meter/card/apdu.h"
#include "meter/card/card_file.h"

namespace meter::card {

/// What a reader hears when it powers the card: T=0 and T=1, no historical bytes. source: ISO 7816-3, 8.2
inline constexpr std::array<std::uint8_t, 5> kAnswerToReset{0x3B, 0x80, 0x80, 0x01, 0x01};

/// A charging card: APDU in, APDU out. What a reset forgets lives in memory only: the folder selected, the authentication, the
/// challenge, and keys of a set that is not whole yet. Everything else is durable before it is acknowledged.
/// source: SUITE.md 5; ISO 7816-4. Thread: one at a time.
class Card {
public:
    /// `storage` outlives the card.
    Card(CardState state, CardStorage& storage) : state_(std::move(state)), storage_(storage) {}

    /// Never fails: whatever arrives gets a status word.
    base::Bytes answer(base::ByteView apdu);
    /// Power off, power on, or a reset by the reader.
    void reset() noexcept;
    const CardState& state() const noexcept { return state_; }

private:
    using Challenge = base::Bytes;
    struct Row {
        std::uint8_t cla;
        std::uint8_t ins;
        Answer (Card::*run)(const Apdu&, const Challenge&);
    };
    static const std::array<Row, 8> kTable;

    Answer carry_out(base::ByteView bytes, const Challenge& challenge);
    Answer select(const Apdu& apdu, const Challenge& challenge);
    Answer get_challenge(const Apdu& apdu, const Challenge& challenge);
    Answer internal_authenticate(const Apdu& apdu, const Challenge& challenge);
    Answer external_authenticate(const Apdu& apdu, const Challenge& challenge);
    Answer read_plain(const Apdu& apdu, const Challenge& challenge);
    Answer read_secured(const Apdu& apdu, const Challenge& challenge);
    Answer update_secured(const Apdu& apdu, const Challenge& challenge);
    Answer write_key(const Apdu& apdu, const Challenge& challenge);

    Answer read_file(const Apdu& apdu) const;
    std::optional<FileId> find(std::uint8_t p1) const noexcept;
    /// Whether a command carries the MAC of its fields; a wrong one ends the authentication.
    bool check_mac(const Apdu& apdu, const Challenge& challenge, base::ByteView fields, base::ByteView mac);
    void end_authentication() noexcept;
    /// Stores `next` and takes it over; on failure everything stays as it was.
    bool commit(CardState next);

    CardState state_;
    CardStorage& storage_;
    bool in_application_ = false;  ///< DF01 is selected, otherwise the MF
    bool authenticated_ = false;
    Challenge challenge_;
    std::optional<CardKeys> arriving_;
    unsigned arrived_ = 0;         ///< bit n: key n of kUsages
};

}  // namespace meter::card
