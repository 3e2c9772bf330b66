#pragma once
#include <functional>
#include <map>
#include <optional>

#include "base/clock.h"
#include "meter/security_state.h"
#include "meter/session.h"

namespace meter {

/// The rules of docs/SUITE.md: keys, identity authentication, wallet, key update, lockout, parameters, cards. A low-grade meter runs
/// it in its own memory, an emulated secure element behind its APDU interface.
///
/// Rules that the standard leaves open, as we read them:
/// - a wrong K1 does not count as a wrong MAC: it is 8 bytes and gains nothing, and counting it would let anybody on the
///   line block the meter;
/// - putting a new key set in force ends the authentication, which was made under the old one;
/// - a MAC is checked before anything is said about what it covers.
class SecurityCore final : public Element {
public:
    /// `store` makes a state durable; what it cannot store is not taken over. `clock` outlives the core and is true time: what it
    /// bounds (an authentication, a lockout) does not run faster in a meter whose clock is made to.
    using Store = std::function<base::Status(const SecurityState&)>;
    SecurityCore(SecurityState state, Store store, const base::Clock& clock, base::Millis validity);

    Answer security(dlt645::DataIdentifier id, base::ByteView fields) override;
    Plain relay_order(base::ByteView fields) override;
    Plain write_parameter(std::uint8_t pa, dlt645::DataIdentifier id, base::ByteView fields) override;
    Account account() const override;
    MoneyParameters parameters() const override { return state_.parameters; }
    base::Status debit(std::uint64_t total) override;
    base::Status switch_prices(bool tariffs, bool ladder) override;
    Card card_begin(base::ByteView serial) override;
    Card card_internal(base::ByteView answer) override;
    Card card_external(base::ByteView challenge) override;
    Card card_random() override;
    Card card_file(base::ByteView fields) override;
    std::variant<CardCredit, CardRefusal> card_credit(base::Millis now) override;
    Card card_write_back(base::ByteView challenge) override;
    void card_refused() override;

    const SecurityState& state() const noexcept { return state_; }

private:
    /// An insertion under way; gone with the power.
    struct Insertion {
        enum class Step { begun, known, proven, credited } step = Step::begun;
        suite::Factor serial{};
        base::Secret internal;
        base::Secret external;
        base::Secret messaging;
        base::Bytes random;
        std::map<std::uint8_t, base::Bytes> files;
        base::Millis now = 0;
    };

    Answer authenticate(base::ByteReader in);
    Answer set_validity(base::ByteReader in);
    Answer end_authentication(base::ByteReader in);
    Answer change_wallet(dlt645::DataIdentifier id, base::ByteReader in);
    Answer initialise_wallet(base::ByteReader in);
    Answer update_key_2009(dlt645::DataIdentifier id, base::ByteReader in);
    Answer update_keys_2013(base::ByteView fields);
    Answer stage(KeySetName name, const std::vector<std::pair<KeyId, base::ByteView>>& records);
    Answer query_status(base::ByteReader in);
    Answer read_back(base::ByteReader in);

    /// Whether a command from the station carries this MAC; a wrong one is counted, durably.
    bool mac_from_station(KeyId key, const suite::Command& command, std::uint8_t part, base::ByteView fields, base::ByteView mac);
    void count_mac_failure();
    bool session_valid() const noexcept;
    base::Bytes mac_to_station(dlt645::DataIdentifier id, std::uint8_t part, base::ByteView fields) const;

    std::optional<CardRefusal> judge_card(SecurityState& next, CardCredit& credit) const;
    Card refuse_card(CardRefusal why);

    /// Stores `next` and takes it over; on failure everything stays as it was.
    bool commit(SecurityState next);

    SecurityState state_;
    Store store_;
    const base::Clock& clock_;
    base::Millis validity_;
    Session session_;
    std::optional<Insertion> insertion_;
};

}  // namespace meter
