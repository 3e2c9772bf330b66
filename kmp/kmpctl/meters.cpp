#include <nlohmann/json.hpp>

#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "model/keys.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

std::string twelve(std::uint64_t number) {
    const auto digits = model::MeterNumber::from_number(number);
    return digits ? digits->text() : std::to_string(number);
}

std::string meter_text(const pb::Meter& m) {
    Sheet sheet;
    sheet.add("meter", twelve(m.number()));
    sheet.add("keys", m.state() == "factory" ? "the factory set" : "private, version " + std::to_string(m.key_version()));
    sheet.add("purchase count", std::to_string(m.purchase_count()));
    sheet.add("customer", m.customer() == 0 ? "none: no account was opened" : twelve(m.customer()));
    if (!m.keyed()) sheet.add("download", "needs no approval: it has had no private keys");
    else if (m.download_until_ms() == 0) sheet.add("download", "not allowed under the factory keys");
    else sheet.add("download", "allowed once more under the factory keys, until " + time_text(m.download_until_ms()) + (m.download_ukey().empty() ? "" : "; begun with UKEY " + m.download_ukey()));
    return sheet.text();
}

}  // namespace

std::string allowed_text(const pb::Meter& m) { return "On a controlled line: kmp-vend keys download --meter " + twelve(m.number()) + "\n" + meter_text(m); }

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
