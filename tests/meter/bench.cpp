#include "bench.h"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "meter/aes.h"
#include "openssl_tool.h"

namespace bench {

using openssl_tool::cat;
using openssl_tool::hex;

namespace {

Keys from_examples(const std::string& prefix) {
    std::ifstream file(KMP_SOURCE_DIR "/tests/data/suite-aes128.json");
    Keys out(9);
    for (const auto& entry : nlohmann::json::parse(file)) {
        const std::string name = entry["name"];
        if (name.rfind(prefix, 0) == 0) out[static_cast<std::size_t>(name[prefix.size()] - '0')] = hex(entry["output"].get<std::string>());
    }
    return out;
}

/// Wrapping is deterministic, and a process of openssl takes its time.
Bytes wrapped(const Bytes& key, const Bytes& new_key) {
    static std::map<std::pair<Bytes, Bytes>, Bytes> made;
    Bytes& out = made[{key, new_key}];
    if (out.empty()) out = openssl_tool::wrap(key, new_key);
    return out;
}

std::string di_text(std::uint32_t di) { return base::to_hex(big_endian(di)); }

}  // namespace

Keys factory_keys() {
    static const Keys keys = from_examples("derive: factory key ");
    return keys;
}

Keys private_keys() {
    static const Keys keys = from_examples("derive: private key ");
    return keys;
}

Keys whole_set(Grade grade) {
    Keys out = private_keys();
    if (grade == Grade::high)
        for (const Bytes& key : made_up_keys(0x70, 11)) out.push_back(key);
    return out;
}

Keys made_up_keys(std::uint8_t seed, std::size_t count) {
    Keys out(count);
    for (std::size_t id = 0; id < out.size(); ++id) out[id] = Bytes(16, static_cast<std::uint8_t>(seed + id));
    return out;
}

Bytes big_endian(std::uint32_t v) {
    return {static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16), static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)};
}

Bytes reversed(base::ByteView v) { return Bytes(v.rbegin(), v.rend()); }

std::uint32_t update_identifier(std::uint8_t id) {
    constexpr std::array<std::uint32_t, 9> table{0x070201FF, 0x070201FF, 0x070202FF, 0x070202FF, 0x070203FF,
                                                 0x070204FF, 0x070204FF, 0x070204FF, 0x070204FF};
    return table.at(id);
}

base::Status MemoryStorage::save(const base::Secret& record) {
    ++saves;
    if (broken) return {base::Code::storage_full, "the disk is full"};
    record_ = record.duplicate();
    return {};
}

Bench::Bench(Grade grade, meter::MeterSettings settings) : grade_(grade), settings_(settings) {
    store(meter::SecurityState::fresh(meter::dlt645::Address::parse(kNumber).value(), key_count()));
    power_cycle();
}

meter::SecurityState Bench::stored() const {
    if (grade_ == Grade::high) return element_storage.last(meter::decode_element);
    return storage.last(meter::decode_low_grade).security;
}

void Bench::store(const meter::SecurityState& state) {
    if (grade_ == Grade::high) {
        (void)element_storage.save(meter::encode_element(state));
        if (storage.empty()) (void)storage.save(meter::encode_high_grade(state.number, {}));
        return;
    }
    (void)storage.save(meter::encode_low_grade(state, storage.empty() ? meter::MeteringState{} : storage.last(meter::decode_low_grade).metering));
}

void Bench::power_cycle() {
    meter_.reset();
    low_ = nullptr;
    if (grade_ == Grade::high) {
        auto [number, metering] = storage.last(meter::decode_high_grade);
        esam_ = std::make_unique<meter::esam::Esam>(stored(), element_storage, clock, settings_.authentication_validity);
        meter_ = std::make_unique<meter::HighGradeMeter>(number, std::move(metering), *esam_, storage, clock, settings_);
        return;
    }
    auto low = std::make_unique<meter::LowGradeMeter>(storage.last(meter::decode_low_grade), storage, clock, clock, settings_);
    low_ = low.get();
    meter_ = std::move(low);
}

void Bench::install_private_keys() {
    meter::SecurityState state = stored();
    const Keys keys = whole_set(grade_);
    meter::KeySet set(meter::KeySetName{meter::KeyState::private_keys, 1}, keys.size());
    for (std::size_t id = 0; id < keys.size(); ++id) set.put(static_cast<meter::KeyId>(id), base::Secret::copy_of(keys[id]));
    state.keys = std::move(set);
    store(state);
    power_cycle();
}

std::optional<meter::dlt645::Frame> Bench::send(std::uint8_t control, const Bytes& data, std::string_view address) {
    return meter_->answer({meter::dlt645::Address::parse(address).value(), meter::dlt645::Control(control), data});
}

Reply Bench::command(std::uint32_t di, const Bytes& payload) {
    const Bytes operator_code{0x78, 0x56, 0x34, 0x12};
    const auto frame = send(0x03, cat({reversed(big_endian(di)), operator_code, payload})).value();
    if (frame.control.code() == 0xC3) return {true, frame.data};
    if (frame.control.code() != 0x83 || base::ByteView(frame.data).first(4).size() != 4 ||
        reversed(base::ByteView(frame.data).first(4)) != big_endian(di))
        throw std::runtime_error("neither a refusal nor an answer to " + di_text(di));
    return {false, base::to_bytes(base::ByteView(frame.data).subspan(4))};
}

Bytes Bench::mac(const Bytes& key, std::string_view command, std::uint8_t part, const Bytes& fields) {
    Bytes out;
    if (quick) {
        const Bytes message = cat({Bytes{0x01, 0x00}, hex(command), Bytes{part, static_cast<std::uint8_t>(r2.size() + fields.size())}, r2, fields});
        out = base::to_bytes(base::ByteView(meter::aes::cmac(key, message)).first(4));
    } else {
        out = openssl_tool::mac(key, 0x00, command, part, r2, fields);
    }
    if (spoil_mac) out[3] ^= 0x01;
    return out;
}

Reply Bench::authenticate(const Keys& keys, std::string_view factor) {
    static std::map<std::pair<Bytes, Bytes>, Bytes> made;  // R1 never changes here
    Bytes& known = made[{keys[4], hex(factor)}];
    if (known.empty()) known = openssl_tool::mac(keys[4], 0x00, "070000ff", 0, r1, hex(factor), 8);
    Bytes k1 = known;
    if (spoil_mac) k1[7] ^= 0x01;
    Reply reply = command(0x070000FF, cat({reversed(k1), reversed(r1), reversed(hex(factor))}));
    if (!reply.error) r2 = reversed(base::ByteView(reply.data).first(4));
    return reply;
}

std::optional<Bytes> Bench::read(std::uint32_t di) {
    const auto frame = send(0x11, reversed(big_endian(di))).value();
    if (frame.control.is_error()) return std::nullopt;
    return base::to_bytes(base::ByteView(frame.data).subspan(4));
}

Bytes Bench::purchase_payload(std::uint32_t di, const Keys& keys, std::uint32_t amount, std::uint32_t count, std::string_view customer) {
    const Bytes money = cat({big_endian(amount), big_endian(count)});
    const Bytes mac1 = mac(keys[5], di_text(di), 1, money);
    const Bytes mac2 = mac(keys[5], di_text(di), 2, cat({hex(customer), money}));
    return cat({reversed(big_endian(amount)), reversed(big_endian(count)), reversed(mac1), reversed(hex(customer)), reversed(mac2)});
}

Reply Bench::purchase(std::uint32_t di, const Keys& keys, std::uint32_t amount, std::uint32_t count, std::string_view customer) {
    return command(di, purchase_payload(di, keys, amount, count, customer));
}

Bytes Bench::update_2013_payload(const Keys& old_keys, const Keys& fresh, const std::vector<std::uint8_t>& ids, std::uint8_t state, std::uint8_t version,
                                 std::string_view number) {
    Bytes fields, wire;
    for (const std::uint8_t id : ids) {
        const Bytes record = cat({Bytes{static_cast<std::uint8_t>(key_count()), version, id, state}, wrapped(old_keys[0], fresh[id]),
                                  hex("0000"), hex(number)});
        fields = cat({fields, record});
        wire = cat({wire, reversed(record)});
    }
    return cat({wire, reversed(mac(old_keys[1], "070301ff", 0, fields))});
}

Reply Bench::update_keys_2013(const Keys& old_keys, const Keys& fresh, const std::vector<std::uint8_t>& ids, std::uint8_t state, std::uint8_t version,
                              std::string_view number) {
    return command(0x070301FF, update_2013_payload(old_keys, fresh, ids, state, version, number));
}

Bytes Bench::write_data(const Keys& keys, std::uint8_t pa, std::uint32_t di, std::string_view wire) {
    const Bytes plain = reversed(hex(wire));
    const Bytes body = pa == 0x98 ? openssl_tool::encrypted_command(keys[3], r2, plain) : plain;
    const Bytes check = mac(keys[2], di_text(di), pa, body);
    return cat({reversed(big_endian(di)), Bytes{pa}, hex("000000"), hex("78563412"), reversed(body), reversed(check)});
}

unsigned Bench::write(const Keys& keys, std::uint8_t pa, std::uint32_t di, std::string_view wire) {
    const auto frame = send(0x14, write_data(keys, pa, di, wire)).value();
    return frame.control.is_error() ? frame.data.at(0) : 0;
}

Bytes Bench::initialisation_payload(const Keys& keys, std::uint32_t amount, std::uint32_t count) {
    const Bytes mac1 = mac(keys[5], "070103ff", 1, big_endian(amount));
    const Bytes mac2 = mac(keys[5], "070103ff", 2, cat({big_endian(count), big_endian(amount)}));
    return cat({reversed(big_endian(amount)), reversed(mac1), reversed(big_endian(count)), reversed(mac2)});
}

Reply Bench::initialise_wallet(const Keys& keys, std::uint32_t amount, std::uint32_t count) {
    return command(0x070103FF, initialisation_payload(keys, amount, count));
}

Bytes Bench::validity_payload(const Keys& keys, std::string_view minutes) {
    return cat({reversed(hex(minutes)), reversed(mac(keys[4], "070001ff", 0, hex(minutes)))});
}

Reply Bench::set_validity(const Keys& keys, std::string_view minutes) { return command(0x070001FF, validity_payload(keys, minutes)); }

Bytes Bench::update_payload(const Keys& old_keys, std::uint8_t id, const Bytes& new_key, std::uint8_t state, std::uint8_t version,
                            std::string_view number) {
    const Bytes info{state, 0x01, id, version};
    const Bytes record = cat({wrapped(old_keys[0], new_key), hex("0000"), hex(number)});
    return cat({reversed(mac(old_keys[1], di_text(update_identifier(id)), 0, cat({info, record}))), reversed(info), reversed(record)});
}

Reply Bench::update_key(const Keys& old_keys, std::uint8_t id, const Bytes& new_key, std::uint8_t state, std::uint8_t version,
                        std::string_view number) {
    return command(update_identifier(id), update_payload(old_keys, id, new_key, state, version, number));
}

Bytes Bench::relay_data(const Keys& keys, std::string_view order) {
    const Bytes cipher = openssl_tool::encrypted_command(keys[7], r2, hex(order));
    return cat({hex("9800000078563412"), reversed(cipher), reversed(mac(keys[6], "1c000098", 0, cipher))});
}

unsigned Bench::relay(const Keys& keys, std::string_view order) {
    const auto frame = send(0x1C, relay_data(keys, order)).value();
    return frame.control.is_error() ? frame.data.at(0) : 0;
}

unsigned Bench::plain_relay(std::string_view order, std::string_view access) {
    const auto frame = send(0x1C, cat({hex(access), hex(order)})).value();
    return frame.control.is_error() ? frame.data.at(0) : 0;
}

}  // namespace bench
