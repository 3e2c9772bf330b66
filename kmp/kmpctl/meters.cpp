#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "model/fen.h"
#include "model/keys.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

std::string twelve(std::uint64_t number) {
    const auto digits = model::MeterNumber::from_number(number);
    return digits ? digits->text() : std::to_string(number);
}

std::string serial_text(const std::string& card) { return base::to_hex(base::as_bytes(card)); }

/// "recharge of 50.00 yuan with count 3, by card 11..88; sold, not known to be inserted"
std::string last_order_text(const pb::MeterOrder& last) {
    std::string out = last.kind() + " of " + model::Fen(last.amount_fen()).yuan() + " yuan with count " + std::to_string(last.count()) + " on " + time_text(last.made_ms());
    if (const auto id = base::Uuid::from_bytes(base::as_bytes(last.order_id()))) out += ", order " + id->text();
    if (last.by_card()) out += ", by card " + serial_text(last.card());
    if (last.credited()) return out + "; credited";
    return out + (last.by_card() ? "; sold, not known to be inserted" : "; not known to be credited");
}

std::string meter_text(const pb::Meter& m) {
    Sheet sheet;
    sheet.add("meter", twelve(m.number()));
    sheet.add("keys", m.state() == "factory" ? "the factory set" : "private, version " + std::to_string(m.key_version()));
    sheet.add("purchase count", std::to_string(m.purchase_count()));
    sheet.add("customer", m.customer() == 0 ? "none: no account was opened" : twelve(m.customer()));
    if (!m.card().empty()) sheet.add("card", serial_text(m.card()));
    if (m.has_last_order()) sheet.add("last order", last_order_text(m.last_order()));
    if (!m.keyed()) sheet.add("download", "needs no approval: it has had no private keys");
    else if (m.download_until_ms() == 0) sheet.add("download", "not allowed under the factory keys");
    else sheet.add("download", "allowed once more under the factory keys, until " + time_text(m.download_until_ms()) + (m.download_ukey().empty() ? "" : "; begun with UKEY " + m.download_ukey()));
    return sheet.text();
}

}  // namespace

std::string allowed_text(const pb::Meter& m) {
    std::string out = "On a controlled line: kmp-vend keys download --meter " + twelve(m.number()) + "\n";
    if (m.purchase_count() > 0)
        out += "Caution: whoever had its line while it held the factory keys can have begun its wallet anew, and then copies of its old cards credit it once more.\n"
               "Look at it before it leaves the bench: 'kmp-vend remote status' must show purchase count " + std::to_string(m.purchase_count()) + "; otherwise rotate the credit keys first.\n";
    return out + meter_text(m);
}

base::Status check_meter(const std::string& number) {
    const auto meter = model::MeterNumber::parse(number);
    if (meter && meter->number() != 0) return {};
    return {base::Code::invalid_argument, "NUMBER '" + number + "': it takes a 12-digit meter number"};
}

base::Status show_meter(Officer& officer, const std::string& number) {
    KMP_TRY(const model::MeterNumber meter, model::MeterNumber::parse(number));
    pb::AdminRequest request;
    request.mutable_meter_show()->set_meter(meter.number());
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.meter_show()), meter_text(reply.meter_show().meter()));
}

base::Status list_meters(Officer& officer, bool uninserted, std::uint32_t days, const std::string& from) {
    pb::AdminRequest request;
    auto& list = *request.mutable_meter_list();
    list.set_uninserted(uninserted);
    list.set_days(days);
    if (!from.empty()) {
        KMP_TRY(const model::MeterNumber first, model::MeterNumber::parse(from));
        list.set_from(first.number());
    }
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::MeterListReply& found = reply.meter_list();
    std::string text;
    for (const pb::Meter& m : found.meters()) {
        const std::string keys = m.state() == "factory" ? "factory keys" : "keys " + std::to_string(m.key_version());
        text += twelve(m.number()) + "  " + keys + "  count " + std::to_string(m.purchase_count()) + (m.has_last_order() ? "  " + last_order_text(m.last_order()) : "") + "\n";
    }
    if (found.meters().empty()) text = uninserted ? "every card purchase of then was seen inserted\n" : "no meter is known\n";
    if (found.cut()) text += uninserted ? "there are more; these are the oldest\n" : "there are more: --from " + twelve(found.meters().rbegin()->number() + 1) + "\n";
    return officer.show(wire::to_json(found), text);
}

base::Status allow_download(Officer& officer, const std::string& number, const std::string& reason, std::uint32_t days) {
    KMP_TRY(const model::MeterNumber meter, model::MeterNumber::parse(number));
    KMP_CHECK(officer.enter_master());
    pb::AdminRequest request;
    auto& allow = *request.mutable_meter_allow_download();
    allow.set_meter(meter.number());
    allow.set_reason(reason);
    allow.set_days(days);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.meter_show(), allowed_text(reply.meter_show().meter()));
}

}  // namespace kmp::kmpctl
