#include <algorithm>
#include <nlohmann/json.hpp>

#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

/// "all 1", or each class with the version of its master in this set.
std::string masters_text(const pb::KeyVersion& set) {
    std::string out;
    bool alike = true;
    for (const auto& m : set.masters()) {
        alike = alike && m.version() == set.masters(0).version() && m.destroyed() == set.masters(0).destroyed();
        out += (out.empty() ? "" : ", ") + m.key_class() + " " + std::to_string(m.version()) + (m.destroyed() ? " (destroyed)" : "");
    }
    return alike && set.masters_size() > 0 ? "all " + std::to_string(set.masters(0).version()) : out;
}

std::string keys_text(const pb::KeysListReply& keys) {
    Table table({"VERSION", "METERS", "UKEYS", "LACKING", "STATE", "MASTERS"});
    for (const auto& v : keys.versions())
        table.add({std::to_string(v.version()), std::to_string(v.meters()), std::to_string(v.ukeys()), std::to_string(v.ukeys_lacking()),
                   v.destroyed() ? "destroyed" : v.newest() ? "handed out now" : "kept", masters_text(v)});
    return table.text();
}

}  // namespace

std::string rotated_text(const pb::KeysListReply& keys) {
    return "There is a new version. Give it to the UKEYs that lack it (kmpctl ukey inject), then to the meters (kmp-vend keys update).\n" + keys_text(keys);
}

std::string destroyed_text(const std::string& version, const pb::KeysListReply& keys) {
    return "Version " + version + " is gone from the master-control UKEY; masters that other versions use stay.\n" + keys_text(keys);
}

base::Status list_keys(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_keys_list();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.keys_list()), keys_text(reply.keys_list()));
}

base::Status rotate_keys(Officer& officer, const std::vector<std::string>& classes, const std::string& reason) {
    KMP_CHECK(officer.enter_master());
    pb::AdminRequest request;
    request.mutable_keys_rotate()->set_reason(reason);
    for (const std::string& name : classes) request.mutable_keys_rotate()->add_classes(name);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.keys_list(), rotated_text(reply.keys_list()));
}

base::Status destroy_keys(Officer& officer, std::uint32_t version, const std::string& reason, bool accept_loss) {
    // Where there are several master-control UKEYs the version goes from each. PINs are for the next request, so they come last.
    KMP_TRY(const pb::UkeyListReply ukeys, all_ukeys(officer));
    const auto masters = std::count_if(ukeys.ukeys().begin(), ukeys.ukeys().end(), [](const pb::Ukey& u) { return u.kind() == "master-control" && u.state() == "issued"; });
    KMP_TRY(const bool at_once, officer.enter_master());
    if (at_once && masters > 1) {
        KMP_CHECK(officer.enter_pin("ukey", "PIN of the other master-control UKEY", wire::PinSource::Use::existing));
    }
    pb::AdminRequest request;
    request.mutable_keys_destroy()->set_version(version);
    request.mutable_keys_destroy()->set_reason(reason);
    request.mutable_keys_destroy()->set_accept_loss(accept_loss);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.keys_list(), destroyed_text(std::to_string(version), reply.keys_list()));
}

}  // namespace kmp::kmpctl
