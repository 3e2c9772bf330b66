#pragma once
#include <map>
#include <set>

#include "meter/aes.h"
#include "meter/card/card.h"
#include "pcsc/card_reader.h"
#include "tests/meter/openssl_tool.h"
#include "tests/wire/fake_service.h"
#include "vending/platform.h"
#include "wire/failure.h"

/// A kmpd that only knows cards, for one meter: the keys and MACs are made with the meter's own cryptography, wrapped by openssl.
namespace tests {

namespace pb = wire::pb;
namespace card = meter::card;

inline const std::string kCardMeter = "202611220001";
inline constexpr std::uint8_t kCardSetVersion = 3;

inline base::Bytes of(const std::string& field) { return base::to_bytes(base::as_bytes(field)); }
inline std::string text_of(base::ByteView bytes) { return std::string(base::as_text(bytes)); }

class CardPlatform {
public:
    explicit CardPlatform(const std::string& path) : service_(path, [this](const pb::StationRequest& r) { return answer(r); }) {}

    struct Sold {
        std::uint32_t count;
        std::int64_t amount;
        pb::OrderKind kind;
        std::uint64_t charge = 0;  ///< where it stands in the log
    };
    std::map<std::string, Sold> orders;      ///< by order id: what was charged
    std::uint32_t count = 0;                 ///< allocated last
    std::uint32_t credited = 0;              ///< count of the last write-back that was reported
    std::string contradiction;
    bool wrong_mac = false;                  ///< gives MACs that do not hold
    std::multiset<std::string> asked;        ///< names of the operations
    FakeStationService& service() { return service_; }

    static card::Serial serial_of(const std::string& field) {
        card::Serial out{};
        std::copy(field.begin(), field.end(), out.begin());
        return out;
    }
    static card::CardKeys keys(bool factory, const card::Serial& serial) {
        const base::Bytes node = openssl_tool::hex("8cb0f61dd8d088195eb78b805cee1899");
        return factory ? card::CardKeys::factory(serial) : card::CardKeys::of_node(node, {meter::KeyState::private_keys, kCardSetVersion}, serial);
    }

private:
    static card::Command update(std::uint32_t file, std::uint32_t offset) { return {0x04, 0xD6, static_cast<std::uint8_t>(0x80 | file), static_cast<std::uint8_t>(offset)}; }

    std::string mac(const card::CardKeys& k, const card::Command& command, const std::string& challenge, const std::string& fields) {
        base::Bytes out = card::make_mac(k, card::Usage::mac, card::Direction::to_meter, command, of(challenge), of(fields), card::kMacSize);
        if (wrong_mac) out[0] ^= 1;
        return text_of(out);
    }
    /// RFC 3394 is deterministic, and a process for each of the same eight keys would be slow.
    std::string wrapped(const card::CardKeys& in_force, const card::CardKeys& fresh, card::Usage usage) {
        return in_force.with(card::Usage::key_wrap, [&](base::ByteView kek) {
            return fresh.with(usage, [&](base::ByteView key) {
                const auto [at, added] = wrapped_.try_emplace(base::to_hex(kek) + base::to_hex(key));
                if (added) at->second = text_of(openssl_tool::wrap(kek, key));
                return at->second;
            });
        });
    }

    void authenticate(const pb::AuthenticateCard& r, pb::AuthenticateCardReply& out) {
        const auto k = keys(r.factory(), serial_of(r.serial()));
        const auto proof = card::make_mac(k, card::Usage::internal_authentication, card::Direction::from_meter, {0, 0x88, 0, 1}, of(r.random()), {}, card::kProofSize);
        out.set_genuine(text_of(proof) == r.answer());
        if (out.genuine()) out.set_response(text_of(card::make_mac(k, card::Usage::external_authentication, card::Direction::to_meter, {0, 0x82, 0, 2}, of(r.challenge()), {}, card::kProofSize)));
    }
    void write_key(const pb::WriteCardKey& r, pb::WriteCardKeyReply& out) {
        const auto serial = serial_of(r.serial());
        const auto usage = card::usage_from(static_cast<std::uint8_t>(r.usage())).value();
        const auto in_force = keys(!r.erase(), serial);
        out.set_wrapped(wrapped(in_force, keys(r.erase(), serial), usage));
        out.set_mac(mac(in_force, {0x84, 0xD4, static_cast<std::uint8_t>(r.erase() ? 0 : 1), static_cast<std::uint8_t>(r.usage())}, r.challenge(), out.wrapped()));
    }
    void order(const pb::Order& r, pb::StationReply& reply) {
        const std::uint32_t flags = r.card().parameters().update_flag();
        if (((flags & 0x05) != 0) != (r.card().tariffs_now().size() == 264) || ((flags & 0x0A) != 0) != (r.card().tariffs_to_come().size() == 264))
            return wire::set_failure(*reply.mutable_failure(), {base::Code::invalid_argument, "the tariff files are not those that the update flag names"});
        pb::OrderReply& out = *reply.mutable_order();
        auto at = orders.find(r.order_id());
        out.set_repeated(at != orders.end());
        out.mutable_receipt()->set_index(++events_);
        if (at == orders.end()) {
            Sold sold{count, 0, r.kind()};
            if (r.kind() != pb::REPLACE_CARD) sold = {++count, r.amount_fen(), r.kind()};
            else if (credited < count) sold.amount = last_amount_;
            sold.charge = events_;
            last_amount_ = sold.amount;
            at = orders.emplace(r.order_id(), sold).first;
        }
        out.set_order_id(r.order_id());
        out.set_purchase_count(at->second.count);
        out.mutable_charge()->set_index(at->second.charge);
        base::ByteWriter data;
        if (r.card().file() == pb::CardTarget::WALLET) {
            data.u32(static_cast<std::uint32_t>(at->second.amount));
            data.u32(at->second.count);
        } else {
            parameters(r, data);
        }
        out.set_card_data(text_of(data.view()));
        out.set_card_mac(mac(keys(false, serial_of(r.card().serial())), update(r.card().file(), 0), r.card().challenge(), out.card_data()));
    }
    static void parameters(const pb::Order& r, base::ByteWriter& data) {
        data.bytes(openssl_tool::hex("68010027"));
        data.u8(0);
        data.u8(static_cast<std::uint8_t>(r.card().parameters().update_flag()));
        data.bytes(base::Bytes(4 + 5 + 1 + 4 + 4 + 3 + 3));
        const auto meter = model::MeterNumber::from_number(r.meter())->bcd();
        const auto customer = model::CustomerNumber::from_number(r.customer())->bcd();
        data.bytes(meter);
        data.bytes(customer);
        data.u8(r.kind() == pb::OPEN_ACCOUNT ? 1 : r.kind() == pb::RECHARGE ? 2 : 3);
        unsigned sum = 0;
        for (const std::uint8_t b : data.view()) sum += b;
        data.u8(static_cast<std::uint8_t>(sum));
        data.u8(0x16);
    }
    void write(const pb::WriteCard& r, pb::StationReply& reply) {
        const bool zeros = r.data().find_first_not_of('\0') == std::string::npos;
        if (!zeros && r.file() != 3 && r.file() != 4) return wire::set_failure(*reply.mutable_failure(), {base::Code::refused, "only an order writes there"});
        reply.mutable_write_card()->set_mac(mac(keys(false, serial_of(r.serial())), update(r.file(), r.offset()), r.challenge(), r.data()));
    }
    void report(const pb::ReportCard& r, pb::ReportCardReply& out) {
        const auto k = keys(false, serial_of(r.serial()));
        const card::Command command{0x04, 0xB0, static_cast<std::uint8_t>(0x80 | r.file()), 0};
        out.set_genuine(text_of(card::make_mac(k, card::Usage::mac, card::Direction::from_meter, command, of(r.random()), of(r.data()), card::kMacSize)) == r.mac());
        out.set_known_count(count);
        if (r.file() != 5) return;
        out.set_contradiction(contradiction);
        const base::Bytes data = of(r.data());
        base::ByteReader in(base::ByteView(data).subspan(4 + 23, 4));
        credited = *in.u32();
    }
    FakeStationService::Answer answer(const pb::StationRequest& r) {
        FakeStationService::Answer out;
        pb::StationReply& reply = out.replies.emplace_back();
        asked.insert(r.GetDescriptor()->FindFieldByNumber(r.operation_case())->name());
        if (r.has_hello()) {
            reply.mutable_hello()->set_version(1);
            reply.mutable_hello()->set_state("open");
        }
        if (r.has_open_session()) reply.mutable_open_session()->set_ukey("U-1");
        if (r.has_authenticate_card()) authenticate(r.authenticate_card(), *reply.mutable_authenticate_card());
        if (r.has_write_card_key()) write_key(r.write_card_key(), *reply.mutable_write_card_key());
        if (r.has_order()) order(r.order(), reply);
        if (r.has_write_card()) write(r.write_card(), reply);
        if (r.has_report_card()) report(r.report_card(), *reply.mutable_report_card());
        return out;
    }

    std::map<std::string, std::string> wrapped_;
    std::int64_t last_amount_ = 0;
    std::uint64_t events_ = 0;
    FakeStationService service_;
};

/// A card in somebody's hand: what it knows while no reader has it.
class HeldCard final : public card::CardStorage {
public:
    explicit HeldCard(std::uint8_t serial) : state(card::CardState::blank({serial, 2, 3, 4, 5, 6, 7, 8})) {}
    base::Status save(const card::CardState& next) override {
        state = next.duplicate();
        return {};
    }
    card::CardState state;
};

/// A card in this process that is pulled out at its `at`-th command, before or after the command was carried out; 0: never.
class CutReader final : public pcsc::CardReader {
public:
    CutReader(HeldCard& held, unsigned at = 0, bool carried_out = false) : card_(held.state.duplicate(), held), at_(at), carried_out_(carried_out) {}
    base::Result<base::Bytes> transmit(base::ByteView apdu) override {
        const bool cut = ++commands_ == at_;
        if (gone_ || (cut && !carried_out_)) return gone();
        base::Bytes answer = card_.answer(apdu);
        if (cut) return gone();
        return answer;
    }
    std::string_view name() const noexcept override { return "test reader"; }
    unsigned commands() const noexcept { return commands_; }

private:
    base::Error gone() {
        gone_ = true;
        return {base::Code::token_removed, "the card was pulled out: put it in again"};
    }
    card::Card card_;
    unsigned at_;
    bool carried_out_;
    bool gone_ = false;
    unsigned commands_ = 0;
};

/// What a meter does with a card, as far as money goes (SUITE.md 5.5).
struct CardMeter {
    std::uint32_t count = 0;
    std::int64_t balance = 0;

    /// True when it credited something. Writes the write-back.
    bool take(HeldCard& held) {
        card::CardState& state = held.state;
        base::ByteReader wallet(state.file(card::FileId::wallet));
        const std::uint32_t amount = *wallet.u32();
        const std::uint32_t on_card = *wallet.u32();
        const base::ByteView parameters = state.file(card::FileId::parameters);
        const auto written = state.file(card::FileId::write_back);
        const bool replacement = parameters[4 + 38] == 3;
        if (state.keys.state() != meter::KeyState::private_keys || parameters[0] != 0x68 || written[0] != 0) return false;
        if (on_card != count + 1 && !(on_card == count && replacement)) return false;
        const bool credits = on_card == count + 1;
        if (credits) balance += amount;
        count = on_card;
        write_back(state);
        return credits;
    }

private:
    void write_back(card::CardState& state) const {
        base::ByteWriter out;
        out.bytes(openssl_tool::hex("6805002b01000000000000"));
        out.bytes(openssl_tool::hex(kCardMeter));
        out.bytes(openssl_tool::hex("000000004711"));
        out.u32(static_cast<std::uint32_t>(balance));
        out.u32(count);
        out.u32(0);
        out.bytes(openssl_tool::hex("010100030000022611220642"));
        unsigned sum = 0;
        for (const std::uint8_t b : out.view()) sum += b;
        out.u8(static_cast<std::uint8_t>(sum));
        out.u8(0x16);
        std::copy(out.view().begin(), out.view().end(), state.file(card::FileId::write_back).begin());
    }
};

}  // namespace tests
