#pragma once
#include <optional>
#include <string>

#include "meter/card/card.h"
#include "openssl_tool.h"

/// A charging card and whoever stands before it, for tests. What a station or a meter would send is made by the openssl command.
namespace card_desk {

using namespace meter;
using namespace meter::card;
using openssl_tool::cat;
using openssl_tool::hex;

inline const Serial kSerial{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
inline const base::Bytes kNode = hex("8cb0f61dd8d088195eb78b805cee1899");  // private key 8 of docs/SUITE.md 7.1
inline const KeySetName kSet{KeyState::private_keys, 1};

class Memory final : public CardStorage {
public:
    base::Status save(const CardState& state) override {
        if (full) return {base::Code::storage_full, "no room"};
        saved = state.duplicate();
        ++saves;
        return {};
    }
    bool full = false;
    unsigned saves = 0;
    std::optional<CardState> saved;
};

inline base::Bytes key_of(const CardKeys& keys, Usage usage) {
    return keys.with(usage, [](base::ByteView key) { return base::to_bytes(key); });
}
inline std::string shown(const CardKeys& keys) {
    return keys.bytes().reveal([](base::ByteView all) { return base::to_hex(all); });
}
/// openssl starts a process for each MAC: random tests take the meter's own, which other tests hold against openssl.
enum class By { openssl, own };

/// A card and whoever stands before it.
class Desk {
public:
    explicit Desk(CardState state = CardState::blank(kSerial), By by = By::openssl) : keys(state.keys.duplicate()), card(std::move(state), storage), by_(by) {}

    base::Bytes send(base::ByteView apdu) {
        const base::Bytes out = card.answer(apdu);
        word = static_cast<unsigned>(out[out.size() - 2]) << 8 | out.back();
        return {out.begin(), out.end() - 2};
    }
    unsigned status(std::string_view apdu) {
        send(hex(apdu));
        return word;
    }
    base::Bytes challenge(std::size_t size) { return send(size == 8 ? hex("0084000008") : hex("0084000004")); }
    base::Bytes mac(Usage usage, std::uint8_t direction, std::string_view command, base::ByteView fresh, base::ByteView fields, std::size_t size = 4) const {
        if (by_ == By::openssl) return openssl_tool::mac(key_of(keys, usage), direction, command, 0, fresh, fields, size);
        Command head{};
        const base::Bytes bytes = hex(command);
        std::copy(bytes.begin(), bytes.end(), head.begin());
        return make_mac(keys, usage, static_cast<Direction>(direction), head, fresh, fields, size);
    }
    base::Bytes proof(base::ByteView drawn) const { return mac(Usage::external_authentication, 0, "00820002", drawn, {}, 8); }
    unsigned authenticate() {
        status("00A4000002DF01");
        send(cat({hex("0082000208"), proof(challenge(8))}));
        return word;
    }
    /// UPDATE BINARY with a MAC that holds.
    base::Bytes update_apdu(const std::string& p1p2, base::ByteView data) {
        const base::Bytes length{static_cast<std::uint8_t>(data.size() + 4)};
        const base::Bytes drawn = challenge(4);
        return cat({hex("04D6" + p1p2), length, data, mac(Usage::mac, 0, "04D6" + p1p2, drawn, data)});
    }
    unsigned update(const std::string& p1p2, base::ByteView data) {
        send(update_apdu(p1p2, data));
        return word;
    }
    base::Bytes key_apdu(std::uint8_t state, Usage usage, base::ByteView key) {
        const std::string p1p2 = base::to_hex(base::Bytes{state, static_cast<std::uint8_t>(usage)});
        const base::Bytes wrapped = openssl_tool::wrap(key_of(keys, Usage::key_wrap), key);
        return cat({hex("84D4" + p1p2 + "1C"), wrapped, mac(Usage::mac, 0, "84D4" + p1p2, challenge(4), wrapped)});
    }
    unsigned write_key(std::uint8_t state, Usage usage, const CardKeys& from) {
        send(key_apdu(state, usage, key_of(from, usage)));
        return word;
    }

    CardKeys keys;  ///< those that this side uses
    Memory storage;
    Card card;
    unsigned word = 0;

private:
    By by_;
};

inline CardState meters_card() {
    CardState out = CardState::blank(kSerial);
    out.keys = CardKeys::of_node(kNode, kSet, kSerial);
    return out;
}

}  // namespace card_desk
