#include <nlohmann/json.hpp>

#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using Use = wire::PinSource::Use;

constexpr std::size_t kMaxCertificate = 16 * 1024;

std::string ways_text(const pb::Account& a) {
    if (a.key().empty()) return "password";
    return a.password() ? "certificate or password" : "certificate";
}

std::string account_text(const pb::Account& a) {
    Sheet sheet;
    sheet.add("name", a.name());
    sheet.add("holder", a.holder());
    sheet.add("state", a.state());
    sheet.add("UKEY", a.ukey() + (a.ukey_state().empty() ? "" : ", " + a.ukey_state()));
    sheet.add("valid until", time_text(a.not_after_ms()));
    sheet.add("open sessions", std::to_string(a.sessions()));
    sheet.add("used by", ways_text(a));
    sheet.add("key (SHA-256)", a.key());
    if (a.must_change_password()) sheet.add("password", "to be changed before the first use");
    if (a.wrong_passwords() > 0) sheet.add("wrong passwords", std::to_string(a.wrong_passwords()));
    sheet.add("not believed", a.problem());
    return sheet.text();
}

std::string change_first(const pb::Account& a) {
    return a.must_change_password() ? "Its holder changes the password before the first use: kmpctl account passwd " + a.name() + "\n" : "";
}

/// From a file, or nothing where none is named.
base::Status read_certificate(const std::string& file, std::string& out) {
    if (file.empty()) return {};
    KMP_TRY(const base::Bytes read, base::read_file(file, kMaxCertificate));
    if (read.empty()) return {base::Code::malformed, "certificate: " + file + " is empty"};
    if (base::as_text(read).find("PRIVATE KEY") != std::string_view::npos)
        return {base::Code::refused, "certificate: " + file + " holds a private key, which is nobody's business here; give a file with the certificate alone"};
    out = base::to_string(read);
    return {};
}

/// What takes --until.
base::Result<pb::AdminReply> ask_for_end(Officer& officer, pb::AdminRequest request) {
    auto reply = officer.ask(std::move(request));
    if (!reply) return named_as_typed(std::move(reply).error(), "validity", "--until");
    return reply;
}

}  // namespace

std::string added_text(const pb::Account& a) { return "Account " + a.name() + " is added.\n" + account_text(a) + change_first(a); }
std::string enabled_text(const pb::Account& a) { return "Account " + a.name() + " is in force.\n" + account_text(a) + change_first(a); }
std::string bound_text(const pb::Account& a) { return "Account " + a.name() + (a.key().empty() ? " has no certificate any more.\n" : " has another certificate.\n") + account_text(a); }
std::string reset_text(const pb::Account& a) { return "Account " + a.name() + " has a new password.\n" + account_text(a) + change_first(a); }

base::Status add_account(Officer& officer, const AccountArguments& arguments) {
    // Where officers must agree first, the password is wanted when the request is run.
    pb::AdminRequest request;
    KMP_CHECK(read_certificate(arguments.certificate, *request.mutable_account_add()->mutable_certificate()));
    KMP_TRY(const bool at_once, officer.enter_master());
    const bool password = arguments.certificate.empty() || arguments.with_password;
    if (at_once && password) KMP_CHECK(officer.enter_pin("account", "first password of account " + arguments.name, Use::fresh));
    auto& add = *request.mutable_account_add();
    add.set_name(arguments.name);
    add.set_ukey(arguments.ukey);
    add.set_holder(arguments.holder);
    add.set_not_after_ms(arguments.not_after_ms);
    add.set_holder_chose_password(arguments.holder_present);
    add.set_with_password(password);
    KMP_TRY(const pb::AdminReply reply, ask_for_end(officer, std::move(request)));
    return officer.show_or_request(reply, reply.account_add(), added_text(reply.account_add().account()));
}

base::Status list_accounts(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_account_list();
    pb::AccountListReply all;
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), [&](const pb::AdminReply& part) -> base::Status {
        all.MergeFrom(part.account_list());
        return {};
    }));
    all.MergeFrom(last.account_list());
    Table table({"ACCOUNT", "STATE", "USED BY", "UKEY", "VALID UNTIL", "SESSIONS", "HOLDER"});
    for (const auto& a : all.accounts()) table.add({a.name(), a.state(), ways_text(a), a.ukey(), time_text(a.not_after_ms()), std::to_string(a.sessions()), a.holder()});
    return officer.show(wire::to_json(all), all.accounts().empty() ? "there is no account\n" : table.text());
}

base::Status show_account(Officer& officer, const std::string& name) {
    pb::AdminRequest request;
    request.mutable_account_show()->set_name(name);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.account_show()), account_text(reply.account_show().account()));
}

base::Status change_password(Officer& officer, const std::string& name) {
    KMP_CHECK(officer.enter_pin("account", "present password of account " + name, Use::existing));
    KMP_CHECK(officer.enter_pin("fresh", "new password of account " + name, Use::fresh));
    pb::AdminRequest request;
    request.mutable_account_passwd()->set_name(name);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.account_add()), "The password of account " + name + " is changed.\n");
}

base::Status disable_account(Officer& officer, const std::string& name, const std::string& reason, const std::string& by) {
    KMP_CHECK(officer.enter_hand());
    pb::AdminRequest request;
    auto& disable = *request.mutable_account_disable();
    disable.set_name(name);
    disable.set_reason(reason);
    disable.set_officer(by);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.account_add()), "Account " + name + " is disabled; kmpctl account enable " + name + " lifts it.\n");
}

base::Status enable_account(Officer& officer, const std::string& name, std::int64_t not_after_ms) {
    KMP_CHECK(officer.enter_master());
    pb::AdminRequest request;
    request.mutable_account_enable()->set_name(name);
    request.mutable_account_enable()->set_not_after_ms(not_after_ms);
    KMP_TRY(const pb::AdminReply reply, ask_for_end(officer, std::move(request)));
    return officer.show_or_request(reply, reply.account_add(), enabled_text(reply.account_add().account()));
}

base::Status bind_account(Officer& officer, const AccountArguments& arguments) {
    pb::AdminRequest request;
    auto& bind = *request.mutable_account_bind();
    bind.set_name(arguments.name);
    KMP_CHECK(read_certificate(arguments.certificate, *bind.mutable_certificate()));
    bind.set_end_password(arguments.end_password);
    KMP_CHECK(officer.enter_master());
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.account_add(), bound_text(reply.account_add().account()));
}

base::Status reset_account(Officer& officer, const std::string& name, bool holder_present) {
    KMP_TRY(const bool at_once, officer.enter_master());
    if (at_once) KMP_CHECK(officer.enter_pin("account", "new password of account " + name, Use::fresh));
    pb::AdminRequest request;
    request.mutable_account_reset()->set_name(name);
    request.mutable_account_reset()->set_holder_chose_password(holder_present);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.account_add(), reset_text(reply.account_add().account()));
}

}  // namespace kmp::kmpctl
