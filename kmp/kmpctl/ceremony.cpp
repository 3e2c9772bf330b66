#include <unistd.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/minutes.h"
#include "kmp/kmpctl/print.h"
#include "kmp/searches/filter.h"
#include "model/approval.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using Use = wire::PinSource::Use;

const std::string kUnknown = "unknown while sealed";

std::string notes_text(const google::protobuf::RepeatedPtrField<std::string>& notes, std::string_view before) {
    std::string out;
    for (const std::string& note : notes) out += std::string(before) + note + "\n";
    return out;
}

std::string gibibytes(std::uint64_t bytes) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
    return text.data();
}

std::string milliseconds(std::uint32_t us) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f ms", static_cast<double>(us) / 1000);
    return text.data();
}

std::string age_text(const pb::StatusReply& s) {
    if (s.checkpoint_age_ms() < 0) return {};
    return ", " + base::counted(static_cast<std::uint64_t>(s.checkpoint_age_ms() / 1000), "second") + " ago; " + base::counted(s.checkpoint_lag(), "event") + " since";
}

std::string outlet_text(const pb::OutletStatus& o) {
    std::string out = o.size() == 0 ? ": nothing yet" : ": up to " + base::counted(o.size(), "event") + ", " + time_text(o.last_ms());
    if (o.waiting() > 0) out += "; " + base::counted(o.waiting(), "checkpoint waits", "checkpoints wait");
    return out;
}

std::string orders_text(const pb::StatusReply& s) {
    std::string out = std::to_string(s.orders_last_minute()) + " in the last minute";
    if (s.refused_last_minute() > 0) out += ", " + std::to_string(s.refused_last_minute()) + " of them refused";
    if (s.orders_last_minute() > 0) out += "; half within " + milliseconds(s.p50_us()) + ", 99 % within " + milliseconds(s.p99_us());
    return out;
}

std::string status_text(const pb::StatusReply& s) {
    Sheet sheet;
    sheet.add("state", s.state());
    if (s.up_since_ms() != 0) sheet.add("up since", time_text(s.up_since_ms()));
    const bool sealed = s.state() == "sealed";
    sheet.add("utility", sealed ? kUnknown : s.utility());
    sheet.add("platform UKEY", sealed ? kUnknown : s.platform());
    sheet.add("version", s.version());
    if (sealed) {
        sheet.add("log", kUnknown);
    } else if (s.state() != "uninitialised") {
        sheet.add("log", base::counted(s.log_size(), "event") + (s.archived() == 0 ? "" : ", those before " + std::to_string(s.archived()) + " archived"));
        sheet.add("last checkpoint", s.last_checkpoint_ms() == 0 ? "none" : time_text(s.last_checkpoint_ms()) + " over " + base::counted(s.last_checkpoint_size(), "event") + age_text(s));
        sheet.add("last backup", s.last_backup_ms() == 0 ? "never made" : time_text(s.last_backup_ms()));
        sheet.add("orders", orders_text(s));
        sheet.add("waiting", base::counted(s.under_way(), "request") + " of stations, " + base::counted(s.officers_queue(), "request") + " of officers, " +
                                 base::counted(s.queue(), "entry", "entries") + " for the log");
    }
    sheet.add("sessions", std::to_string(s.sessions()) + " on " + base::counted(s.connections(), "connection"));
    if (s.disk_total_bytes() != 0) sheet.add("disk of the log", gibibytes(s.disk_free_bytes()) + " free of " + gibibytes(s.disk_total_bytes()));
    if (!s.network().empty()) sheet.add("network", s.network() + " (TLS 1.3)");
    if (!s.standby().empty()) sheet.add("standby", s.standby() + (s.standby_problem().empty() ? ", " + base::counted(s.standby_lag_events(), "event") + " behind" : ", stopped"));
    for (const auto& o : s.outlets()) sheet.add(o.name() == "drop" ? "checkpoints to" : "witness " + o.name(), o.place() + outlet_text(o));
    if (!s.witness_address().empty()) sheet.add("witnesses on", s.witness_address());
    for (const auto& w : s.witnessed()) sheet.add("witnessed", w.name() + ", " + w.origin() + (w.size() == 0 ? ": nothing yet" : ": up to " + base::counted(w.size(), "event") + ", " + time_text(w.last_ms())));
    if (!s.metrics().empty()) sheet.add("metrics", s.metrics());
    std::string out = (s.health().empty() ? "" : s.health() + "\n\n") + sheet.text();
    if (s.readers_size() > 0) {
        Table table({"READER", "KIND", "CONTENT", "UKEY", "UKEY KIND", "STATE", "LOGGED IN", "PROBLEM"});
        for (const auto& r : s.readers())
            table.add({r.name(), r.kind(), r.content(), r.ukey(), r.ukey_kind(), r.ukey_state(), r.logged_in() ? "yes" : "", r.problem()});
        out += "\n" + table.text();
    } else {
        out += "\nno reader: a UKEY appears as an entry of HOME/readers/\n";
    }
    return out + notes_text(s.warnings(), "warning: ");
}

}  // namespace

base::Result<std::int32_t> parse_day_offset(std::string_view text) {
    auto minutes = searches::parse_utc_offset(text);
    if (!minutes) return base::Error{base::Code::invalid_argument, "--day-offset '" + std::string(text) + "': it takes the hours and minutes from UTC, as +08:00, from -12:00 to +14:00"};
    return minutes;
}

base::Status check_officers(const InitArguments& a) {
    const std::size_t n = a.officers.size();
    const auto bad = [](std::string text) { return base::Error{base::Code::invalid_argument, std::move(text)}; };
    if (a.expected != 0 && a.expected != n) return bad("--officers " + std::to_string(a.expected) + ": " + std::to_string(n) + " are named with --officer READER=NAME");
    if (n == 0 && a.quorum != 0) return bad("--quorum: it needs officers; name them with --officer READER=NAME");
    if (n != 0 && a.quorum == 0) return bad("--quorum: say how many of the " + std::to_string(n) + " officers must agree, as --quorum 2");
    if (n != 0 && (n < 2 || n > 16 || a.quorum < 2 || a.quorum > n)) return bad("--quorum " + std::to_string(a.quorum) + " of " + std::to_string(n) + " officers: at least 2, and no more than there are");
    return {};
}

base::Status add_officers(google::protobuf::RepeatedPtrField<pb::InitOfficer>& out, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
            return {base::Code::invalid_argument, "officer '" + text + "': it takes READER=NAME"};
        auto& o = *out.Add();
        o.set_reader(text.substr(0, equals));
        o.set_holder(text.substr(equals + 1));
    }
    return {};
}

base::Status init(Officer& officer, const InitArguments& arguments) {
    pb::AdminRequest request;
    auto& init = *request.mutable_init();
    KMP_CHECK(add_officers(*init.mutable_officers(), arguments.officers));
    init.set_quorum(arguments.quorum);
    KMP_TRY(const Minutes minutes, Minutes::at(arguments.minutes));
    // On a terminal somebody can still break off; the minutes say it as well.
    if (const std::string caution = model::caution(arguments.quorum, arguments.officers.size()); !caution.empty() && isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "caution: %s\n", caution.c_str());
    KMP_CHECK(officer.enter_pin("platform", "PIN of the platform UKEY", Use::fresh));
    if (arguments.officers.empty()) KMP_CHECK(officer.enter_pin("master", "PIN of the master-control UKEY", Use::fresh));
    for (int i = 0; i < init.officers_size(); ++i)
        KMP_CHECK(officer.enter_pin("officer" + std::to_string(i + 1), "PIN of the UKEY of officer " + init.officers(i).holder(), Use::fresh));
    init.set_utility(arguments.utility);
    init.set_day_offset_minutes(arguments.day_offset_minutes);
    init.set_platform_reader(arguments.platform_reader);
    init.set_master_reader(arguments.master_reader);
    KMP_TRY(const pb::AdminReply reply, officer.ask_for_another_log(std::move(request)));
    const pb::InitReply& done = reply.init();
    const base::Status kept = minutes.keep(done.minutes());
    Sheet sheet;
    sheet.add("platform UKEY", done.platform());
    sheet.add("master-control UKEY", done.master());
    sheet.add("trust anchor", done.trust_anchor_fingerprint());
    KMP_CHECK(officer.show(wire::to_json(done), "The platform of " + arguments.utility + " is set up.\n" + sheet.text() +
                                                 (done.minutes().empty() ? "" : "\n" + done.minutes() + (done.minutes().back() == '\n' ? "" : "\n")) +
                                                 "Put the master-control UKEY away; compare the trust anchor's fingerprint wherever it is installed.\n"));
    return kept;
}

base::Status unseal(Officer& officer, std::uint64_t accept_rollback) {
    KMP_CHECK(officer.enter_pin("platform", "PIN of the platform UKEY", Use::existing));
    pb::AdminRequest request;
    request.mutable_unseal()->set_accept_rollback(accept_rollback);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.unseal()), "The platform is open.\n" + notes_text(reply.unseal().notes(), ""));
}

base::Status seal(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_seal();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.seal()), "The platform is sealed; kmpctl unseal opens it again.\n");
}

base::Status reload(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_reload();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::ReloadReply& r = reply.reload();
    std::string text = notes_text(r.changed(), "changed: ") + notes_text(r.kept(), "kept until a restart: ");
    if (text.empty()) text = "Nothing is different from before.\n";
    return officer.show(wire::to_json(r), text);
}

base::Status status(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_status();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    nlohmann::ordered_json document = wire::to_json(reply.status());
    // What only the closed database knows is not 0 and not empty.
    if (reply.status().state() == "sealed")
        for (const char* field : {"utility", "platform", "log_size", "last_checkpoint_ms", "last_checkpoint_size"}) document[field] = nullptr;
    return officer.show(document, status_text(reply.status()));
}

}  // namespace kmp::kmpctl
