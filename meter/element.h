#pragma once
#include <variant>

#include "meter/dlt645/error_word.h"
#include "meter/keys.h"
#include "meter/money.h"
#include "meter/suite_aes128.h"
#include "meter/wallet.h"

namespace meter {

/// What an element tells the meter's program about itself. No secret.
struct Account {
    KeySetName keys;
    std::uint8_t key_count = 0;
    KeySetName staged_keys;          ///< the set that is arriving, while `staged` is not 0
    std::uint8_t staged = 0;
    Wallet wallet;
    std::uint64_t debited = 0;       ///< Fen, all that was ever taken off for consumption
    std::uint32_t illegal_insertions = 0;
    suite::Factor card_serial{};     ///< of the customer's card; zero: none yet
    std::uint16_t mac_failures = 0;
    bool identity_valid = false;
    bool operator==(const Account&) const = default;
};

/// Why a card was refused.
enum class CardRefusal : std::uint8_t {
    out_of_order = 0x01,     ///< a step without the one before it
    authentication = 0x02,   ///< the card, or the meter before the card
    mac = 0x03,
    wrapper = 0x04,          ///< a file that is not one
    write_back = 0x05,       ///< not empty
    meter = 0x06,            ///< another meter's card
    customer = 0x07,
    serial = 0x08,           ///< not the card that the meter knows
    count = 0x09,
    over_limit = 0x0A,
    account = 0x0B,          ///< an opening where one is open, or anything else where none is
    factory_keys = 0x0C,     ///< cards come with private keys
    not_stored = 0x0D,       ///< the element's memory failed; the card is as good as before
    purchase = 0x0E,         ///< the MAC by which the platform sold it
};
std::string_view name(CardRefusal refusal) noexcept;

/// What a card brought. Nothing is credited when the count was known already.
struct CardCredit {
    std::uint8_t card_type = 0;  ///< 01 opening, 02 purchase, 03 replacement
    std::uint32_t amount = 0;    ///< Fen that were credited
    std::uint32_t count = 0;
};

/// Who does a meter's cryptography and keeps its money: software of the meter (low grade), or a secure element behind its
/// APDU interface (high grade). The meter's program sees nothing but this. All fields are most significant byte first and follow
/// one another in the order of docs/SUITE.md. Whatever an answer acknowledges is durable. Thread: one at a time.
class Element {
public:
    using Serr = dlt645::SerrBit;
    using Answer = std::variant<base::Bytes, Serr>;
    using Plain = std::variant<base::Bytes, dlt645::ErrorBit>;
    using Card = std::variant<base::Bytes, CardRefusal>;

    virtual ~Element() = default;

    /// A 03H command: the fields behind the operator code; the answer's fields.
    virtual Answer security(dlt645::DataIdentifier id, base::ByteView fields) = 0;
    /// 1CH with PA=98: ciphertext (16), MAC (4); the 8 bytes of the order.
    virtual Plain relay_order(base::ByteView fields) = 0;
    /// 14H with this PA: data or ciphertext, then the MAC (4). The plain data comes back; a parameter of money has been written by then.
    virtual Plain write_parameter(std::uint8_t pa, dlt645::DataIdentifier id, base::ByteView fields) = 0;

    virtual Account account() const = 0;
    virtual MoneyParameters parameters() const = 0;
    /// Takes off what lies between the highest `total` (Fen) told so far and this one: told twice, taken once.
    virtual base::Status debit(std::uint64_t total) = 0;
    /// Puts the backup prices in force; the meter's program has the clock.
    virtual base::Status switch_prices(bool tariffs, bool ladder) = 0;

    /// One insertion, step by step (docs/SUITE.md 5.5). Begins with the card's serial (8); a random (8) for the card comes back.
    virtual Card card_begin(base::ByteView serial) = 0;
    /// The card's answer (8).
    virtual Card card_internal(base::ByteView answer) = 0;
    /// The card's challenge (8); the 8 bytes that prove the meter.
    virtual Card card_external(base::ByteView challenge) = 0;
    /// A random (8) for the next secured read.
    virtual Card card_random() = 0;
    /// What was read: P1 P2, data, MAC (4).
    virtual Card card_file(base::ByteView fields) = 0;
    /// Judges the card, and credits and takes over its parameters in one durable step. `now` is what the meter's clock shows.
    virtual std::variant<CardCredit, CardRefusal> card_credit(base::Millis now) = 0;
    /// The card's challenge (4); the write-back file and its MAC.
    virtual Card card_write_back(base::ByteView challenge) = 0;
    /// Counts an illegal insertion that the meter's program saw itself: the card refused its proof.
    virtual void card_refused() = 0;
};

}  // namespace meter
