#include <nlohmann/json.hpp>

#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "model/fen.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

std::string held_text(const pb::StationListReply& list) {
    if (list.held().empty()) return "no station is held\n";
    Table table({"STATION", "HELD SINCE", "ORDERS", "YUAN", "WITHIN MINUTES"});
    for (const auto& h : list.held()) table.add({h.station(), time_text(h.since_ms()), std::to_string(h.orders()), model::Fen(h.amount_fen()).yuan(), std::to_string(h.window_minutes())});
    return table.text();
}

std::string sessions_text(const pb::StationListReply& list) {
    if (list.sessions().empty()) return "nobody is logged in\n";
    Table table({"SESSION", "STATION", "UKEY", "ACCOUNT", "FROM", "SINCE", "ORDERS", "HOLDER"});
    for (const auto& s : list.sessions()) table.add({std::to_string(s.number()), s.station(), s.ukey(), s.account(), s.from(), time_text(s.since_ms()), std::to_string(s.orders()), s.holder()});
    return table.text();
}

}  // namespace

base::Status list_stations(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_station_list();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.station_list()), held_text(reply.station_list()));
}

base::Status list_sessions(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_station_list()->set_sessions(true);
    pb::StationListReply all;
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), [&](const pb::AdminReply& part) -> base::Status {
        all.MergeFrom(part.station_list());
        return {};
    }));
    all.MergeFrom(last.station_list());
    return officer.show(wire::to_json(all), sessions_text(all));
}

base::Status release_station(Officer& officer, const std::string& station, const std::string& reason, const std::string& by) {
    KMP_CHECK(officer.enter_hand());
    pb::AdminRequest request;
    auto& release = *request.mutable_station_release();
    release.set_station(station);
    release.set_reason(reason);
    release.set_officer(by);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.station_list()), "Station " + station + " may sell again.\n" + held_text(reply.station_list()));
}

}  // namespace kmp::kmpctl
