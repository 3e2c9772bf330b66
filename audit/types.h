#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace audit {

/// What happened. Numbers stand in the log for good: a new type takes a new one, an old one is never used again.
enum class EventType : std::uint16_t {
    genesis = 1,
    service_started = 10, service_stopped = 11, unsealed = 12, sealed = 13, recovery = 14, clock_jump = 15,
    configuration = 16, host_failed = 17,
    pin_failed = 30, pin_locked = 31, pin_changed = 32, copy_suspected = 33,
    ukey_inserted = 40, ukey_removed = 41, ukey_initialised = 42, ukey_issued = 43, ukey_state_changed = 44,
    grant_set = 45, masters_injected = 46, keys_rotated = 47, keys_destroyed = 48,
    account_set = 49, account_state_changed = 50, ukey_attended = 51, ukey_renewed = 52,
    intent_opened = 60, intent_concluded = 61, ceremony_minutes = 62,
    quorum_set = 63, request_made = 64, request_voted = 65, request_closed = 66,
    master_added = 67, platform_replaced = 68, backup_made = 69, restored = 70,
    session_opened = 80, session_refused = 81, session_closed = 82, denied = 83,
    station_held = 84, station_released = 85,
    meter_authenticated = 100, order = 101, order_repeated = 102, order_refused = 103, status_checked = 104,
    relay_command = 105, keys_sent = 106, keys_loaded = 107, download_allowed = 108,
    validity_set = 109, parameter_written = 110, read_back_checked = 111,
    card_authenticated = 112, card_key_written = 113, card_written = 114, card_reported = 115,
    order_voided = 116, void_begun = 117,
    data_signed = 120, random_drawn = 121, data_verified = 122, data_encrypted = 123, data_decrypted = 124, data_authenticated = 125,
    keys_shown = 126, certificate_requested = 127,
    checkpoint_signed = 140, crl_issued = 141, export_made = 142,
    witness_answered = 143, checkpoint_held_up = 144, checkpoint_witnessed = 145,
    retention_set = 146, archived = 147, log_verified = 149,
    denials_coalesced = 150, deed_signed = 151, turned_away = 152,
    station_proved = 155,
    standby_began = 160, standby_stopped = 161, standby_resumed = 162,
};
inline constexpr unsigned kTypeLimit = 256;  ///< every type number is below

/// One value of an event. Numbers stand in the log for good, and give the order in which fields are encoded.
enum class Field : std::uint8_t {
    // who
    actor = 1,         ///< text: "uid 1000", "officer k-0003", "station s-17 over TLS"
    uid = 2, pid = 3,  ///< numbers, of a local peer
    session = 4,       ///< number, unique since service_started
    holder = 5,        ///< text: the person a UKEY was given to
    happened_at = 6,   ///< time: where it differs from the time of recording (an order: when its permit was given)
    request = 7,       ///< text: what was asked for, where it is no model::Operation ("ukey_issue")
    // which UKEY
    ukey = 10,         ///< text: serial
    ukey_kind = 11,    ///< number: model::UkeyKind
    state_from = 12, state_to = 13,  ///< numbers: model::UkeyState
    action = 14,       ///< number: model::UkeyAction
    reader = 15, token_serial = 16,  ///< texts
    fingerprint = 17,  ///< 32 bytes: SHA-256 of a certificate's DER
    public_key = 18,   ///< DER SubjectPublicKeyInfo
    certificate = 19,  ///< DER
    // keys
    classes = 20,      ///< number: model::ClassSet
    key_version = 21,  ///< number
    key_state = 22,    ///< number: model::KeyState
    factory_wrapped = 23,  ///< flag: new keys travelled under the published factory keys
    recover = 24,      ///< flag: back to the factory set
    // where and how much
    station = 30, meter = 31, customer = 32,  ///< text, numbers
    order_id = 33,     ///< 16 bytes: UUID version 7
    operation = 34,    ///< number: model::Operation
    amount = 35,       ///< number: fen
    count = 36,        ///< number: purchase count
    r2 = 37,           ///< 4 bytes
    content_hash = 38, ///< 32 bytes: SHA-256 of an order's content, without R2
    command = 39,      ///< number: N1 of a relay command
    genuine = 40,      ///< flag: the meter's answer carried the right MACs
    known_count = 41,  ///< number: what the platform has allocated last
    data_hash = 42,    ///< 32 bytes: SHA-256 of what was signed
    data_size = 43,    ///< number: bytes
    // grant and refusal
    grant_number = 50, ///< number
    grant = 51,        ///< model::Grant::encode()
    signature = 52,    ///< by the master-control UKEY
    rule = 53,         ///< text: the rule that said no ("per_day")
    reason = 54,       ///< text: why a person did it
    code = 55,         ///< text: base::Code name
    outcome = 56,      ///< number: Outcome
    intent = 57,       ///< number: the index of its intent_opened event; absent in that one
    not_after = 58,    ///< time
    wrong_pins = 59,   ///< number
    // the log and the service
    size = 70,         ///< number: of the tree
    root = 71,         ///< 32 bytes
    first = 72,        ///< number: the first index of an export
    origin = 73,       ///< text: of the checkpoints of this log
    utility = 74,      ///< text
    day_offset = 75,   ///< number: minutes from UTC, plus 720
    trust_anchor = 76, ///< DER certificate
    checkpoint_key = 77, ///< DER SubjectPublicKeyInfo
    version = 78,      ///< text: of the program
    note = 79,         ///< text, may have several lines
    detail = 80,       ///< text
    previous = 81,     ///< time: what the clock said before a jump
    crl_number = 82,   ///< number
    // dual control
    quorum = 83,       ///< model::Quorum::encode()
    request_number = 84, ///< number
    statement = 85,    ///< model::ApprovalRequest::encode(): what votes are over
    agrees = 86,       ///< flag
    officer = 87,      ///< text: the officer UKEY that acted alone
    // network accounts
    account = 88,      ///< text: the account that acts, or that it is about
    account_statement = 89,  ///< model::Account::encode()
    account_change = 90,     ///< number: model::AccountChange
    attended = 91,     ///< flag: the UKEY's PIN is kept, so that it opens by itself
    // orders, cards and parameters
    order_kind = 92,   ///< number: model::OrderKind, where the operation alone does not say it
    channel = 93,      ///< number: Channel; absent: a remote order
    card = 94,         ///< 8 bytes: a charging card's serial
    handover = 95,     ///< by the platform UKEY of before, over what the master-control UKEY signed of the new one
    file = 96,         ///< number: short id of a file on a card
    offset = 97,       ///< number: where in the file, where it is not its beginning
    data = 98,         ///< what was written or read, most significant byte first
    erase = 99,        ///< flag: the card goes back to its factory keys
    usage = 100,       ///< number: of a card's key (docs/SUITE.md 1.1)
    identifier = 101,  ///< number: a data identifier of DL/T 645
    encrypted = 102,   ///< flag
    minutes = 103,     ///< number
    contradiction = 104, ///< text: how what a card says does not fit the log
    tariffs_now = 105, tariffs_to_come = 106,  ///< a card's tariff files that an order covers
    // refusals in a flood
    denials = 107,     ///< number: how many one event stands for
    first_at = 108, last_at = 109,  ///< times: of the first and the last of them
    proven_by = 111,   ///< text: how a session was proved: pin, user, password, key
    proven_key = 112,  ///< 32 bytes: SHA-256 of the SubjectPublicKeyInfo of the key that a station proved over TLS
    made_at = 115,     ///< time: when the permit of an order was given that is voided now; its caps are of that day
    order_index = 116, ///< number: the index of that order's event
    charged = 117,     ///< text: the UKEY whose caps such an order was charged to, where another one voids it
    witness = 118,     ///< text: where checkpoints go: "drop", or the name of a witness
    days = 119,        ///< number: an event that is older may leave the live database
    keep_days = 120,   ///< number: for so long no archive segment is destroyed
    findings = 121,    ///< number: what a verification found wrong
    recipients = 122,  ///< text: serials of the auditor UKEYs that can open a file, with blanks between
    deed = 123,        ///< number: the index of the deed_signed event by which it was done
    rules = 124,       ///< number: what the log owes from here on (Replay::kDeeds)
};
inline constexpr unsigned kFieldLimit = 128;  ///< every field number is below

enum class Outcome : std::uint8_t { done = 1, undone = 2, unknown = 3 };
/// How an order reaches its meter.
enum class Channel : std::uint8_t { remote = 1, card = 2 };

/// What the bytes of a field mean. All up to `flag` are encoded as numbers.
enum class FieldKind : std::uint8_t {
    number, fen, time, meter, customer, operation, ukey_kind, ukey_state, ukey_action, account_change, key_state, classes, outcome, relay, day_offset, order_kind, channel, identifier, flag,
    text, uuid, digest, bytes,
};
constexpr bool is_number(FieldKind kind) noexcept { return kind <= FieldKind::flag; }

/// A set of fields.
class FieldSet {
public:
    constexpr FieldSet() noexcept = default;
    template <class... Fields>
    constexpr explicit FieldSet(Fields... fields) noexcept {
        (add(fields), ...);
    }
    constexpr void add(Field f) noexcept { bits_[word(f)] |= mask(f); }
    constexpr bool has(Field f) const noexcept { return static_cast<unsigned>(f) < kFieldLimit && (bits_[word(f)] & mask(f)) != 0; }
    constexpr bool holds(const FieldSet& other) const noexcept {
        return (other.bits_[0] & ~bits_[0]) == 0 && (other.bits_[1] & ~bits_[1]) == 0;
    }
    constexpr FieldSet without(const FieldSet& other) const noexcept {
        FieldSet out;
        for (std::size_t i = 0; i < 2; ++i) out.bits_[i] = bits_[i] & ~other.bits_[i];
        return out;
    }
    constexpr FieldSet with(const FieldSet& other) const noexcept {
        FieldSet out;
        for (std::size_t i = 0; i < 2; ++i) out.bits_[i] = bits_[i] | other.bits_[i];
        return out;
    }

private:
    static constexpr std::size_t word(Field f) noexcept { return static_cast<std::size_t>(f) / 64; }
    static constexpr std::uint64_t mask(Field f) noexcept { return std::uint64_t{1} << (static_cast<unsigned>(f) % 64); }
    std::array<std::uint64_t, 2> bits_{};
};

struct FieldInfo {
    Field field;
    std::string_view name;  ///< also the member in JSON
    FieldKind kind;
};

struct TypeInfo {
    EventType type;
    std::string_view name;
    FieldSet required;
    FieldSet allowed;  ///< includes `required` and what every event may carry
    /// The line for a person: {field} stands for its value; a part in [brackets] is left out when one of its fields is absent.
    std::string_view sentence;
};

std::span<const TypeInfo> all_types() noexcept;
std::span<const FieldInfo> all_fields() noexcept;
/// Null for a number that names none.
const TypeInfo* find_type(std::uint16_t number) noexcept;
const FieldInfo* find_field(std::uint8_t number) noexcept;
/// By its name; invalid_argument.
base::Result<EventType> parse_event_type(std::string_view name);
std::string_view name(EventType) noexcept;
std::string_view name(Field) noexcept;
std::string_view name(Outcome) noexcept;
std::string_view name(Channel) noexcept;

}  // namespace audit
