#pragma once
#include <functional>
#include <map>

#include "model/operation.h"
#include "tests/audit/sample_log.h"

/// Logs of sales to one meter.
namespace sales {

using audit::Event;
using audit::EventType;
using audit::Field;
using model::Operation;
using model::OrderKind;

inline constexpr std::uint64_t kMeter = 100'000'000'001;
inline const std::string kCard = "\x11\x22\x33\x44\x55\x66\x77\x88";

/// The log up to here: U1 may do everything with orders and cards, the key UKEY K1 may initialise wallets. Records 0 to 6.
struct SaleLog : SampleLog {
    SaleLog() {
        add(genesis());
        begin_ukey("U1", model::UkeyKind::user);
        begin_ukey("K1", model::UkeyKind::key);
    }
    void begin_ukey(const char* serial, model::UkeyKind kind) {
        add(Event(EventType::ukey_initialised).text(Field::ukey, serial).value(Field::ukey_kind, kind));
        add(Event(EventType::ukey_issued).text(Field::ukey, serial).value(Field::ukey_kind, kind).text(Field::holder, "Li Wei"));
        model::Grant g = grant();
        g.ukey = *base::UkeySerial::parse(serial);
        g.kind = kind;
        if (kind == model::UkeyKind::key) g.station.clear();
        g.operations |= model::bit(Operation::refund) | model::bit(Operation::card) | model::bit(Operation::initialise_wallet);
        add(grant_set(g));
    }
    /// An order; `change` adds to it.
    void order(OrderKind kind, std::uint64_t count, std::uint64_t amount, const std::function<void(Event&)>& change = {}) {
        base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f607182930000");
        id[15] = ++made_;
        Event e(EventType::order);
        const bool wallet = kind == OrderKind::initialise_wallet;
        e.text(Field::ukey, wallet ? ukey_for_wallets_ : "U1").text(Field::station, wallet ? ukey_for_wallets_ : "s-1").number(Field::meter, kMeter).bytes(Field::order_id, id);
        e.value(Field::operation, model::operation_of(kind)).number(Field::amount, amount).number(Field::count, count).number(Field::customer, wallet ? 0 : customer_);
        e.bytes(Field::content_hash, base::sha256(id)).number(Field::grant_number, 1).number(Field::key_version, wallet ? 0 : version_);
        if (kind == OrderKind::clear || kind == OrderKind::replace_card) e.value(Field::order_kind, kind);
        if (change) change(e);
        if (kind != OrderKind::replace_card) by_count_[count] = records.size();
        add(e);
    }
    void by_card(OrderKind kind, std::uint64_t count, std::uint64_t amount, std::uint64_t file = 1) {
        order(kind, count, amount, [file](Event& e) { e.value(Field::channel, audit::Channel::card).bytes(Field::card, base::as_bytes(kCard)).number(Field::file, file); });
    }
    void status(std::uint64_t count) { add(Event(EventType::status_checked).number(Field::meter, kMeter).flag(Field::genuine, true).number(Field::count, count)); }
    /// File 2: the wallet with this count; file 5: the write-back, empty without one.
    void card_read(std::uint64_t file, std::optional<std::uint8_t> count) {
        Event e(EventType::card_reported);
        e.number(Field::meter, kMeter).bytes(Field::card, base::as_bytes(kCard)).number(Field::file, file).flag(Field::genuine, true);
        if (file == 2) e.bytes(Field::data, base::Bytes{0, 0, 0, 0, 0, 0, 0, count.value_or(0)});
        else if (count) e.number(Field::count, *count);
        add(e);
    }
    /// `record`: of the order; 0: that which has this count.
    void voided(OrderKind kind, std::uint64_t count, std::uint64_t amount, std::uint64_t record = 0) {
        Event e(EventType::order_voided);
        e.text(Field::ukey, "U1").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, *base::from_hex("019aa9d0c1007c4d8e5f607182930000"));
        e.value(Field::operation, model::operation_of(kind)).number(Field::amount, amount).number(Field::count, count).number(Field::customer, customer_);
        e.time(Field::made_at, kDayOne).number(Field::order_index, record != 0 ? record : by_count_[count]);
        add(e);
    }
    void repeated(std::uint64_t count) {
        Event e(EventType::order_repeated);
        base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f607182930000");
        id[15] = made_;
        e.text(Field::ukey, "U1").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, id).number(Field::count, count).bytes(Field::content_hash, base::sha256(id));
        add(e);
    }
    void loaded(std::uint64_t version) {
        add(Event(EventType::keys_loaded).number(Field::meter, kMeter).value(Field::outcome, audit::Outcome::done).number(Field::key_version, version));
    }
    void rotated(std::uint64_t version) { add(Event(EventType::keys_rotated).number(Field::classes, 0x3F).number(Field::key_version, version)); }

    std::uint64_t customer_ = 42;
    std::uint64_t version_ = 1;
    std::string ukey_for_wallets_ = "K1";
    std::uint8_t made_ = 0;
    std::map<std::uint64_t, std::uint64_t> by_count_;  ///< records of orders
};

inline auto found(const std::function<void(SaleLog&)>& history) {
    SaleLog log;
    history(log);
    return rules_of(log.verify());
}

}  // namespace sales
