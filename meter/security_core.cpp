// The commands of a station. Each parses its whole request before it acts on any of it.
#include "meter/security_core.h"

#include <algorithm>

#include "meter/calendar.h"

namespace meter {

using dlt645::DataIdentifier;
using dlt645::ErrorBit;
namespace di = dlt645::di;

namespace {

constexpr std::size_t kMacSize = 4;
constexpr std::size_t kKeyRecord = 32;
constexpr std::size_t kRecord2013 = 4 + kKeyRecord;
constexpr std::size_t kRecordsPerFrame = 4;
constexpr std::size_t kLongestReadBack = 240;  // what a MAC covers besides R1 (8)
constexpr std::uint8_t kClass1 = 0x99;
constexpr std::uint8_t kClass2 = 0x98;

/// Fields one behind the other, as a MAC covers them.
template <class... Parts>
base::Bytes joined(const Parts&... parts) {
    base::ByteWriter out;
    (out.bytes(parts), ...);
    return std::move(out).take();
}

base::Bytes big_endian(std::uint32_t v) {
    base::ByteWriter out;
    out.u32(v);
    return std::move(out).take();
}

/// A file of directory DF01 for read-back: 0002 wallet = balance (4), count (4); 0006 key info of every key.
base::Bytes file(const SecurityState& state, std::uint16_t number) {
    base::ByteWriter out;
    if (number == 0x0002) {
        out.u32(static_cast<std::uint32_t>(state.wallet.balance));
        out.u32(state.wallet.count);
    }
    if (number == 0x0006)
        for (std::size_t id = 0; id < state.keys.count(); ++id) out.bytes(key_info(state.keys.name(), static_cast<std::uint8_t>(id)));
    return std::move(out).take();
}

}  // namespace

SecurityCore::SecurityCore(SecurityState state, Store store, const base::Clock& clock, base::Millis validity)
    : state_(std::move(state)), store_(std::move(store)), clock_(clock), validity_(validity) {}

Element::Answer SecurityCore::security(DataIdentifier id, base::ByteView fields) {
    const base::ByteReader in(fields);
    switch (id.value()) {
        case di::kIdentityAuthentication.value(): return authenticate(in);
        case di::kAuthenticationValidity.value(): return set_validity(in);
        case di::kEndAuthentication.value(): return end_authentication(in);
        case di::kOpenAccount.value():
        case di::kRecharge.value():
        case di::kRefund.value():
        case di::kClearWallet.value(): return change_wallet(id, in);
        case di::kWalletInitialisation.value(): return initialise_wallet(in);
        case di::kControlKeyUpdate.value():
        case di::kParameterKeyUpdate.value():
        case di::kIdentityKeyUpdate.value():
        case di::kMasterKeyUpdate.value(): return update_key_2009(id, in);
        case di::kKeyUpdate2013.value(): return update_keys_2013(fields);
        case di::kStatusQuery.value(): return query_status(in);
        case di::kReadBack.value(): return read_back(in);
    }
    return Serr::other;
}

Element::Answer SecurityCore::authenticate(base::ByteReader in) {
    const auto k1 = in.bytes(8);
    const auto r1 = in.bytes(8);
    const auto factor = in.bytes(8);
    if (!factor || !in.end()) return Serr::other;
    const base::Millis now = clock_.now();
    if (state_.lockout.blocked(now)) return Serr::authentication_failed;
    const suite::MacInput input{suite::Direction::to_meter, di::kIdentityAuthentication.bytes(), 0, *r1, *factor};
    const bool known = suite::mac_holds(state_.keys, KeyId::identity_mac, input, *k1);
    const suite::Factor own = suite::dispersion_factor(state_.keys.name().state, state_.number);
    if (!known || !std::equal(own.begin(), own.end(), factor->begin())) return Serr::authentication_failed;
    R1 first;
    std::copy(r1->begin(), r1->end(), first.begin());
    R2 second;
    base::Secret::random(second.size()).reveal([&](base::ByteView drawn) { std::copy(drawn.begin(), drawn.end(), second.begin()); });
    session_.begin(first, second, now, validity_);
    return joined(second, suite::number_field(state_.number));
}

Element::Answer SecurityCore::set_validity(base::ByteReader in) {
    const auto minutes = in.bytes(2);
    const auto mac = in.bytes(kMacSize);
    if (!mac || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    if (!mac_from_station(KeyId::identity_mac, di::kAuthenticationValidity.bytes(), 0, *minutes, *mac)) return Serr::mac_failed;
    const auto number = from_bcd(*minutes);
    if (!number || *number == 0) return Serr::other;
    session_.set_validity(clock_.now(), static_cast<base::Millis>(*number) * base::kMinute);
    return base::Bytes();
}

Element::Answer SecurityCore::end_authentication(base::ByteReader in) {
    if (!in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    session_.end();
    const auto& wallet = state_.wallet;
    return joined(wallet.customer, big_endian(static_cast<std::uint32_t>(wallet.balance)), big_endian(wallet.count), key_info(state_.keys.name()));
}

Element::Answer SecurityCore::change_wallet(DataIdentifier id, base::ByteReader in) {
    const auto amount = in.u32();
    const auto count = in.u32();
    const auto mac1 = in.bytes(kMacSize);
    const auto customer = in.bytes(6);
    const auto mac2 = in.bytes(kMacSize);
    if (!mac2 || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const base::Bytes money = joined(big_endian(*amount), big_endian(*count));
    if (!mac_from_station(KeyId::credit_mac, id.bytes(), 1, money, *mac1)) return Serr::mac_failed;
    if (!mac_from_station(KeyId::credit_mac, id.bytes(), 2, joined(*customer, money), *mac2)) return Serr::mac_failed;
    if (state_.keys.name().state != KeyState::private_keys) return Serr::other;
    SecurityState next = state_.duplicate();
    Purchase wanted{*amount, *count, {}};
    std::copy(customer->begin(), customer->end(), wanted.customer.begin());
    const auto rule = id == di::kOpenAccount ? open_account : id == di::kRecharge ? recharge : id == di::kRefund ? refund : clear;
    if (const Refusal refusal = rule(next.wallet, wanted)) return *refusal;
    if (!next.wallet.open) next.card_serial = {};  // a closed account knows no card
    if (!commit(std::move(next))) return Serr::other;
    return base::Bytes();
}

Element::Answer SecurityCore::initialise_wallet(base::ByteReader in) {
    const auto amount = in.u32();
    const auto mac1 = in.bytes(kMacSize);
    const auto count = in.u32();
    const auto mac2 = in.bytes(kMacSize);
    if (!mac2 || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const auto command = di::kWalletInitialisation.bytes();
    if (!mac_from_station(KeyId::credit_mac, command, 1, big_endian(*amount), *mac1)) return Serr::mac_failed;
    if (!mac_from_station(KeyId::credit_mac, command, 2, joined(big_endian(*count), big_endian(*amount)), *mac2)) return Serr::mac_failed;
    if (state_.keys.name().state != KeyState::factory) return Serr::other;
    SecurityState next = state_.duplicate();
    if (const Refusal refusal = initialise(next.wallet, *amount, *count)) return *refusal;
    next.card_serial = {};
    if (!commit(std::move(next))) return Serr::other;
    return base::Bytes();
}

Element::Answer SecurityCore::update_key_2009(DataIdentifier id, base::ByteReader in) {
    const auto mac = in.bytes(kMacSize);
    const auto info = in.bytes(4);
    const auto record = in.bytes(kKeyRecord);
    if (!record || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    if (!mac_from_station(KeyId::update_mac, id.bytes(), 0, joined(*info, *record), *mac)) return Serr::mac_failed;
    const std::uint8_t key_state = (*info)[0], mode = (*info)[1], number = (*info)[2], version = (*info)[3];
    if (key_state > 1 || mode != kRemoteMode || number >= state_.keys.count()) return Serr::other;
    if (id != update_identifier(static_cast<KeyId>(number))) return Serr::other;
    return stage({static_cast<KeyState>(key_state), version}, {{static_cast<KeyId>(number), *record}});
}

Element::Answer SecurityCore::update_keys_2013(base::ByteView fields) {
    if (fields.size() < kMacSize + kRecord2013) return Serr::other;
    const base::ByteView records = fields.first(fields.size() - kMacSize);
    const std::size_t count = records.size() / kRecord2013;
    if (records.size() % kRecord2013 != 0 || count > kRecordsPerFrame) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    if (!mac_from_station(KeyId::update_mac, di::kKeyUpdate2013.bytes(), 0, records, fields.last(kMacSize))) return Serr::mac_failed;
    std::optional<KeySetName> name;
    std::vector<std::pair<KeyId, base::ByteView>> keys;
    for (std::size_t i = 0; i < count; ++i) {
        const base::ByteView record = records.subspan(i * kRecord2013, kRecord2013);
        const std::uint8_t total = record[0], version = record[1], number = record[2], key_state = record[3];
        if (total != state_.keys.count() || number >= total || key_state > 1) return Serr::other;
        const KeySetName its{static_cast<KeyState>(key_state), version};
        const auto id = static_cast<KeyId>(number);
        const bool twice = std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.first == id; });
        if (twice || name.value_or(its) != its) return Serr::other;
        name = its;
        keys.emplace_back(id, record.subspan(4));
    }
    return stage(*name, keys);
}

Element::Answer SecurityCore::stage(KeySetName name, const std::vector<std::pair<KeyId, base::ByteView>>& records) {
    if (!may_follow(state_.keys.name(), name)) return Serr::other;
    SecurityState next = state_.duplicate();
    for (const auto& [id, record] : records) {
        const auto key = suite::open_key_record(state_.keys, state_.number, record);
        if (!key) return key.error().code == base::Code::key_invalid ? Serr::mac_failed : Serr::other;
        next.staging.add(name, state_.keys.count(), id, *key);
    }
    const bool whole = next.staging.complete();
    if (whole) next.keys = next.staging.take();
    if (!commit(std::move(next))) return Serr::other;
    if (whole) {
        session_.end();
        insertion_.reset();
    }
    return base::Bytes();
}

Element::Answer SecurityCore::query_status(base::ByteReader in) {
    if (!in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const base::Bytes balance = big_endian(static_cast<std::uint32_t>(state_.wallet.balance));
    const base::Bytes count = big_endian(state_.wallet.count);
    const KeyInfo info = key_info(state_.keys.name());
    return joined(balance, mac_to_station(di::kStatusQuery, 1, balance), count,
                  mac_to_station(di::kStatusQuery, 2, joined(count, state_.wallet.customer, info, balance)), state_.wallet.customer, info);
}

Element::Answer SecurityCore::read_back(base::ByteReader in) {
    const auto directory = in.u16();
    const auto number = in.u16();
    const auto start = in.u16();
    const auto length = in.u16();
    if (!length || !in.end()) return Serr::other;
    if (!session_valid()) return Serr::authentication_failed;
    const base::Bytes whole = *directory == 0xDF01 ? file(state_, *number) : base::Bytes();
    if (*length == 0 || *length > kLongestReadBack || std::size_t{*start} + *length > whole.size()) return Serr::other;
    const base::Bytes data = base::to_bytes(base::ByteView(whole).subspan(*start, *length));
    return joined(data, mac_to_station(di::kReadBack, 0, data));
}

Element::Plain SecurityCore::relay_order(base::ByteView fields) {
    constexpr std::size_t kCiphertext = 16;
    if (fields.size() != kCiphertext + kMacSize) return ErrorBit::other;
    if (!session_valid()) return ErrorBit::not_authorised;
    const base::ByteView ciphertext = fields.first(kCiphertext);
    if (!mac_from_station(KeyId::remote_mac, suite::relay_command(kClass2), 0, ciphertext, fields.last(kMacSize))) return ErrorBit::not_authorised;
    auto order = suite::open_command(state_.keys, KeyId::remote_encryption, session_.r2(), ciphertext);
    if (!order) return ErrorBit::other;
    return std::move(*order);
}

Element::Plain SecurityCore::write_parameter(std::uint8_t pa, DataIdentifier id, base::ByteView fields) {
    if (fields.size() <= kMacSize || fields.size() - kMacSize > suite::kMaxMacBody - session_.r2().size()) return ErrorBit::other;
    if ((pa != kClass1 && pa != kClass2) || !session_valid()) return ErrorBit::not_authorised;
    const base::ByteView body = fields.first(fields.size() - kMacSize);
    if (!mac_from_station(KeyId::parameter_mac, id.bytes(), pa, body, fields.last(kMacSize))) return ErrorBit::not_authorised;
    if (pa == kClass1 && !is_class_1(id)) return ErrorBit::not_authorised;
    base::Bytes plain = base::to_bytes(body);
    if (pa == kClass2) {
        auto opened = suite::open_command(state_.keys, KeyId::parameter_encryption, session_.r2(), body);
        if (!opened) return ErrorBit::other;
        plain = std::move(*opened);
    }
    SecurityState next = state_.duplicate();
    const base::Bytes wire(plain.rbegin(), plain.rend());
    const auto refused = write_money(next.parameters, next.wallet, id, wire);
    if (refused == ErrorBit::no_such_data) return plain;  // not one of money: the meter's program knows it, or refuses it
    if (refused) return *refused;
    if (!commit(std::move(next))) return ErrorBit::other;
    return plain;
}

Account SecurityCore::account() const {
    Account out;
    out.keys = state_.keys.name();
    out.key_count = static_cast<std::uint8_t>(state_.keys.count());
    out.staged = static_cast<std::uint8_t>(state_.staging.count());
    if (const KeySet* set = state_.staging.set()) out.staged_keys = set->name();
    out.wallet = state_.wallet;
    out.debited = state_.debited;
    out.illegal_insertions = state_.illegal_insertions;
    out.card_serial = state_.card_serial;
    out.mac_failures = state_.lockout.failures;
    out.identity_valid = session_valid();
    return out;
}

base::Status SecurityCore::debit(std::uint64_t total) {
    if (total <= state_.debited) return {};
    SecurityState next = state_.duplicate();
    meter::debit(next.wallet, total - state_.debited);
    next.debited = total;
    if (!commit(std::move(next))) return {base::Code::storage_failed, "what was consumed could not be taken off: it will be tried again"};
    return {};
}

base::Status SecurityCore::switch_prices(bool tariffs, bool ladder) {
    SecurityState next = state_.duplicate();
    if (tariffs) switch_tariffs(next.parameters);
    if (ladder) switch_ladder(next.parameters);
    if (!commit(std::move(next))) return {base::Code::storage_failed, "the new prices could not be put in force: it will be tried again"};
    return {};
}

bool SecurityCore::mac_from_station(KeyId key, const suite::Command& command, std::uint8_t part, base::ByteView fields, base::ByteView mac) {
    const suite::MacInput input{suite::Direction::to_meter, command, part, session_.r2(), fields};
    if (suite::mac_holds(state_.keys, key, input, mac)) return true;
    count_mac_failure();
    return false;
}

void SecurityCore::count_mac_failure() {
    session_.note_mac_failure();
    state_.lockout.note(clock_.now());
    if (state_.lockout.failures >= kMacFailuresThatBlock) session_.end();
    // Counted in memory whatever becomes of the file: a full disk must not buy further tries. `store` has told of its failure.
    (void)store_(state_);
}

bool SecurityCore::session_valid() const noexcept {
    const base::Millis now = clock_.now();
    return session_.valid(now) && !state_.lockout.blocked(now);
}

base::Bytes SecurityCore::mac_to_station(DataIdentifier id, std::uint8_t part, base::ByteView fields) const {
    return suite::make_mac(state_.keys, KeyId::credit_mac, {suite::Direction::from_meter, id.bytes(), part, session_.r1(), fields});
}

bool SecurityCore::commit(SecurityState next) {
    if (!store_(next)) return false;
    state_ = std::move(next);
    return true;
}

}  // namespace meter
