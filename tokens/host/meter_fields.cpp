#include "tokens/host/meter_fields.h"

#include <algorithm>

namespace tokens::host {
namespace {

using base::Code;
using model::KeyClass;

constexpr std::uint32_t kAuthenticate = 0x070000FF;
constexpr std::uint32_t kOpenAccount = 0x070101FF;
constexpr std::uint32_t kRecharge = 0x070102FF;
constexpr std::uint32_t kInitialiseWallet = 0x070103FF;
constexpr std::uint32_t kRefund = 0x070104FF;
constexpr std::uint32_t kClear = 0x070105FF;
constexpr std::uint32_t kValidity = 0x070001FF;
constexpr std::uint32_t kReadBack = 0x078001FF;
constexpr std::uint32_t kStatus = 0x078102FF;
constexpr std::uint32_t kRelay = 0x1C000098;  // control code 1C, PA=98

base::Status check_bcd(const std::string& field, std::string_view what) {
    if (!is_bcd(view(field))) return {Code::invalid_argument, std::string(what) + " is BCD"};
    return {};
}

/// Of the master that the set derives its keys of a class from. More or fewer bytes than classes name none: 256, which no master has.
std::uint64_t master_version(const pb::MeterKey& key, KeyClass key_class) {
    if (key.masters().empty()) return key.version();
    if (key.masters().size() != model::kAllClasses.size()) return 256;
    return static_cast<std::uint8_t>(key.masters()[static_cast<std::size_t>(key_class) - 1]);
}

/// N1 of a relay command: trip, close allowed, direct close, alarm on and off, keep-power on and off.
constexpr std::array<std::uint8_t, 7> kRelayCommands{0x1A, 0x1B, 0x1C, 0x2A, 0x2B, 0x3A, 0x3B};

/// Identifiers of parameters begin so; of these the meter's own address and number are never written: its keys are derived from it.
constexpr std::uint8_t kPlainWrite = 0x99, kEncryptedWrite = 0x98;  // PA
constexpr std::uint32_t kParameters = 0x04;
constexpr std::array<std::uint32_t, 2> kMeterNumber{0x04000401, 0x04000402};

/// Only a meter in factory state takes it, from an engineer: customer and count begin anew. source: SUITE.md 2
base::Status initialise_wallet(Host& host, Call& call, const pb::OrderMac& request) {
    if (host.token.kind() != model::UkeyKind::key) return {Code::refused, "only a key UKEY initialises a wallet"};
    if (request.key().state() != static_cast<std::uint32_t>(model::KeyState::factory)) return {Code::invalid_argument, "a wallet is initialised under the factory keys"};
    if (request.count() != 0 || !request.customer().empty()) return {Code::invalid_argument, "a new wallet has the purchase count 0 and no customer"};
    KMP_TRY(const KeyName key, meter_key_name(request.key(), KeyClass::credit, Usage::mac));
    const auto amount = big_endian(request.amount());
    const auto count = big_endian(0);
    KMP_TRY(const MacInput first_input, mac_input(Direction::to_meter, kInitialiseWallet, 1, view(request.r2()), {amount}));
    KMP_TRY(const MacInput second_input, mac_input(Direction::to_meter, kInitialiseWallet, 2, view(request.r2()), {count, amount}));
    KMP_TRY(const Mac mac1, cmac(host, key, first_input));
    KMP_TRY(const Mac mac2, cmac(host, key, second_input));
    set(call.reply.mutable_order_mac()->mutable_mac1(), first(mac1, 4));
    set(call.reply.mutable_order_mac()->mutable_mac2(), first(mac2, 4));
    return {};
}

bool is_order(std::uint32_t di) noexcept { return di == kOpenAccount || di == kRecharge || di == kRefund || di == kClear; }

}  // namespace

std::array<std::uint8_t, 4> big_endian(std::uint32_t v) noexcept {
    return {static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16), static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)};
}

bool is_bcd(base::ByteView field) noexcept {
    return std::all_of(field.begin(), field.end(), [](std::uint8_t b) { return (b & 0x0F) <= 9 && b >> 4 <= 9; });
}

base::Result<KeyName> meter_key_name(const pb::MeterKey& key, KeyClass key_class, Usage usage) {
    // The set's own name must be a good one too: it stands in key info.
    KMP_TRY(const MasterId set, master_id(static_cast<std::uint64_t>(key_class), key.state(), key.version()));
    KMP_TRY(const MasterId id, master_id(static_cast<std::uint64_t>(key_class), key.state(), master_version(key, key_class)));
    if (id.version > set.version) return {Code::invalid_argument, "a key set has no master of a version above its own"};
    KMP_CHECK(check_meter_factor(view(key.factor())));
    KeyName out{Level::meter, key_class, usage, id.state, id.version, {}};
    std::copy_n(view(key.factor()).begin(), out.factor.size(), out.factor.begin());
    if (id.state == model::KeyState::factory && out.factor != model::kFactoryFactor)
        return {Code::invalid_argument, "in factory state every meter's dispersion factor is 0000000000000001"};
    return out;
}

base::Result<Mac> cmac(Host& host, const KeyName& key, const MacInput& input) {
    KMP_TRY(const pkcs11::SecretKey handle, host.meter_keys.get(key));
    Mac out{};
    KMP_TRY(const std::size_t size, host.token.session().sign(pkcs11::Mechanism::aes_cmac(), handle, input.view(), out));
    if (size != out.size()) return {Code::token_failed, "the UKEY's CMAC does not have 16 bytes"};
    return out;
}

base::Status check_size(const std::string& field, std::size_t size, std::string_view what) {
    if (field.size() != size) return {Code::invalid_argument, std::string(what) + " has " + std::to_string(size) + " bytes, not " + std::to_string(field.size())};
    return {};
}

base::Status meter_authenticate(Host& host, Call& call) {
    KMP_TRY(const KeyName key, meter_key_name(call.request.meter_authenticate().key(), KeyClass::identity, Usage::mac));
    std::array<std::uint8_t, 8> r1{};
    KMP_CHECK(host.token.session().generate_random(r1));
    KMP_TRY(const MacInput input, mac_input(Direction::to_meter, kAuthenticate, 0, r1, {key.factor}));
    KMP_TRY(const Mac k1, cmac(host, key, input));
    pb::MeterAuthenticateReply& reply = *call.reply.mutable_meter_authenticate();
    set(reply.mutable_r1(), r1);
    set(reply.mutable_k1(), first(k1, 8));
    return {};
}

base::Status order_mac(Host& host, Call& call) {
    const pb::OrderMac& request = call.request.order_mac();
    KMP_CHECK(check_size(request.r2(), 4, "R2"));
    if (request.di() == kInitialiseWallet) return initialise_wallet(host, call, request);
    if (!is_order(request.di())) return {Code::refused, "only 070101FF to 070105FF (open account, recharge, wallet initialisation, refund, clear) are orders"};
    KMP_CHECK(check_size(request.customer(), 6, "a customer number"));
    KMP_CHECK(check_bcd(request.customer(), "a customer number"));
    KMP_TRY(const KeyName key, meter_key_name(request.key(), KeyClass::credit, Usage::mac));
    const auto amount = big_endian(request.amount());
    const auto count = big_endian(request.count());
    const base::ByteView r2 = view(request.r2());
    KMP_TRY(const MacInput first_input, mac_input(Direction::to_meter, request.di(), 1, r2, {amount, count}));
    KMP_TRY(const MacInput second_input, mac_input(Direction::to_meter, request.di(), 2, r2, {view(request.customer()), amount, count}));
    KMP_TRY(const Mac mac1, cmac(host, key, first_input));
    KMP_TRY(const Mac mac2, cmac(host, key, second_input));
    pb::OrderMacReply& reply = *call.reply.mutable_order_mac();
    set(reply.mutable_mac1(), first(mac1, 4));
    set(reply.mutable_mac2(), first(mac2, 4));
    return {};
}

base::Status status_mac(Host& host, Call& call) {
    const pb::StatusMac& request = call.request.status_mac();
    KMP_CHECK(check_size(request.r1(), 8, "R1"));
    KMP_CHECK(check_size(request.balance(), 4, "a balance"));
    KMP_CHECK(check_size(request.balance_mac(), 4, "the first MAC"));
    KMP_CHECK(check_size(request.count(), 4, "a purchase count"));
    KMP_CHECK(check_size(request.count_mac(), 4, "the second MAC"));
    KMP_CHECK(check_size(request.customer(), 6, "a customer number"));
    KMP_CHECK(check_size(request.key_info(), 4, "a key info"));
    KMP_TRY(const KeyName key, meter_key_name(request.key(), KeyClass::credit, Usage::mac));
    const base::ByteView r1 = view(request.r1());
    KMP_TRY(const MacInput first_input, mac_input(Direction::from_meter, kStatus, 1, r1, {view(request.balance())}));
    KMP_TRY(const MacInput second_input, mac_input(Direction::from_meter, kStatus, 2, r1,
                                                   {view(request.count()), view(request.customer()), view(request.key_info()), view(request.balance())}));
    KMP_TRY(const Mac mac1, cmac(host, key, first_input));
    KMP_TRY(const Mac mac2, cmac(host, key, second_input));
    const bool first_holds = base::equal_constant_time(first(mac1, 4), view(request.balance_mac()));
    const bool second_holds = base::equal_constant_time(first(mac2, 4), view(request.count_mac()));
    call.reply.mutable_status_mac()->set_genuine(first_holds && second_holds);
    return {};
}

base::Status relay_command(Host& host, Call& call) {
    const pb::RelayCommand& request = call.request.relay_command();
    KMP_CHECK(check_size(request.r2(), 4, "R2"));
    KMP_CHECK(check_size(request.data(), 8, "a relay command"));
    if (std::find(kRelayCommands.begin(), kRelayCommands.end(), view(request.data())[0]) == kRelayCommands.end())
        return {Code::refused, "there is no such relay command; known are 1A, 1B, 1C, 2A, 2B, 3A and 3B"};
    KMP_TRY(const KeyName mac_key, meter_key_name(request.key(), KeyClass::remote, Usage::mac));
    KMP_TRY(const KeyName cipher_key, meter_key_name(request.key(), KeyClass::remote, Usage::encryption));
    KMP_TRY(const base::Bytes plain, command_plaintext(view(request.r2()), view(request.data())));
    KMP_TRY(const pkcs11::SecretKey cipher, host.meter_keys.get(cipher_key));
    KMP_TRY(const base::Bytes ciphertext, host.token.session().encrypt(pkcs11::Mechanism::aes_cbc(Block{}), cipher, plain));
    KMP_TRY(const MacInput input, mac_input(Direction::to_meter, kRelay, 0, view(request.r2()), {ciphertext}));
    KMP_TRY(const Mac mac, cmac(host, mac_key, input));
    pb::RelayCommandReply& reply = *call.reply.mutable_relay_command();
    set(reply.mutable_ciphertext(), ciphertext);
    set(reply.mutable_mac(), first(mac, 4));
    return {};
}

base::Status validity_mac(Host& host, Call& call) {
    const pb::ValidityMac& request = call.request.validity_mac();
    KMP_CHECK(check_size(request.r2(), 4, "R2"));
    const std::uint32_t m = request.minutes();
    if (m < 1 || m > 9999) return {Code::invalid_argument, "an authentication holds for 1 to 9999 minutes"};
    const std::array<std::uint8_t, 2> bcd{static_cast<std::uint8_t>(m / 1000 << 4 | m / 100 % 10), static_cast<std::uint8_t>(m / 10 % 10 << 4 | m % 10)};
    KMP_TRY(const KeyName key, meter_key_name(request.key(), KeyClass::identity, Usage::mac));
    KMP_TRY(const MacInput input, mac_input(Direction::to_meter, kValidity, 0, view(request.r2()), {bcd}));
    KMP_TRY(const Mac mac, cmac(host, key, input));
    set(call.reply.mutable_card_update()->mutable_mac(), first(mac, 4));
    return {};
}

base::Status parameter_mac(Host& host, Call& call) {
    const pb::ParameterMac& request = call.request.parameter_mac();
    KMP_CHECK(check_size(request.r2(), 4, "R2"));
    if (request.di() >> 24 != kParameters || std::find(kMeterNumber.begin(), kMeterNumber.end(), request.di()) != kMeterNumber.end())
        return {Code::refused, "only parameters (04xxxxxx) are written, and of these never a meter's address or number"};
    if (request.data().empty()) return {Code::invalid_argument, "a parameter of no bytes"};
    KMP_TRY(const KeyName mac_key, meter_key_name(request.key(), KeyClass::parameter, Usage::mac));
    base::Bytes carried = base::to_bytes(view(request.data()));
    if (request.encrypt()) {
        KMP_TRY(const KeyName cipher_key, meter_key_name(request.key(), KeyClass::parameter, Usage::encryption));
        KMP_TRY(const base::Bytes plain, command_plaintext(view(request.r2()), carried));
        KMP_TRY(const pkcs11::SecretKey cipher, host.meter_keys.get(cipher_key));
        KMP_TRY(carried, host.token.session().encrypt(pkcs11::Mechanism::aes_cbc(Block{}), cipher, plain));
    }
    KMP_TRY(const MacInput input, mac_input(Direction::to_meter, request.di(), request.encrypt() ? kEncryptedWrite : kPlainWrite, view(request.r2()), {carried}));
    KMP_TRY(const Mac mac, cmac(host, mac_key, input));
    pb::ParameterMacReply& reply = *call.reply.mutable_parameter_mac();
    if (request.encrypt()) set(reply.mutable_ciphertext(), carried);
    set(reply.mutable_mac(), first(mac, 4));
    return {};
}

base::Status read_back_mac(Host& host, Call& call) {
    const pb::ReadBackMac& request = call.request.read_back_mac();
    KMP_CHECK(check_size(request.r1(), 8, "R1"));
    KMP_CHECK(check_size(request.mac(), 4, "a MAC"));
    KMP_TRY(const KeyName key, meter_key_name(request.key(), KeyClass::credit, Usage::mac));
    KMP_TRY(const MacInput input, mac_input(Direction::from_meter, kReadBack, 0, view(request.r1()), {view(request.data())}));
    KMP_TRY(const Mac mac, cmac(host, key, input));
    call.reply.mutable_genuine()->set_genuine(base::equal_constant_time(first(mac, 4), view(request.mac())));
    return {};
}

}  // namespace tokens::host
