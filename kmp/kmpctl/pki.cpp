#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

constexpr std::size_t kMaxPemFile = 16384;

/// The list comes in pieces.
base::Result<pb::CrlReply> ask_crl(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_crl();
    std::string pem;
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), [&](const pb::AdminReply& part) -> base::Status {
        pem += part.crl().pem();
        return {};
    }));
    pb::CrlReply out;
    out.set_pem(pem + last.crl().pem());
    return out;
}

base::Status save(const std::string& folder, const std::string& name, const std::string& pem) {
    if (pem.empty()) return {};
    return base::write_file_atomically(folder + "/" + name, base::as_bytes(pem), 0644);
}

std::string pki_text(const pb::PkiShowReply& p) {
    Sheet sheet;
    sheet.add("trust anchor", p.anchor_fingerprint());
    sheet.add("  valid until", time_text(p.anchor_not_after_ms()));
    sheet.add("root", p.root_fingerprint().empty() ? "none has vouched for the issuing key" : p.root_fingerprint());
    if (!p.root_fingerprint().empty()) sheet.add("  vouches until", time_text(p.certificate_not_after_ms()));
    sheet.add("revocation list", p.crl_number() == 0 ? "none" : std::to_string(p.crl_number()) + ", " + base::counted(p.crl_entries(), "certificate"));
    if (p.crl_number() != 0) sheet.add("  next update", time_text(p.crl_next_update_ms()));
    return sheet.text();
}

}  // namespace

base::Status show_crl(Officer& officer) {
    KMP_TRY(const pb::CrlReply reply, ask_crl(officer));
    return officer.show(wire::to_json(reply), reply.pem());
}

base::Status show_anchor(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_pki_show();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::PkiShowReply& shown = reply.pki_show();
    return officer.show({{"anchor_pem", shown.anchor_pem()}, {"anchor_fingerprint", shown.anchor_fingerprint()}}, shown.anchor_pem());
}

std::string crls_text(const pb::CrlRefreshReply& done) {
    std::string text;
    for (const pb::SignedCrl& list : done.lists())
        text += "Revocation list " + std::to_string(list.number()) + " of master-control UKEY " + list.master() + " is signed, with " + base::counted(list.entries(), "certificate") +
                "; the next is due by " + time_text(list.next_update_ms()) + ".\n";
    return text;
}

base::Status refresh_crl(Officer& officer) {
    KMP_CHECK(officer.enter_master());
    pb::AdminRequest request;
    request.mutable_crl_refresh();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.crl_refresh(), crls_text(reply.crl_refresh()));
}

base::Status request_certificate(Officer& officer) {
    KMP_CHECK(officer.enter_master());
    pb::AdminRequest request;
    request.mutable_pki_request();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.pki_request(), certificate_request_text(reply.pki_request()));
}

std::string certificate_request_text(const pb::PkiRequestReply& done) {
    return "Trust anchor, SHA-256: " + done.anchor_fingerprint() + "\n" + done.request_pem() + done.anchor_pem();
}

base::Status install_certificate(Officer& officer, const InstallArguments& arguments) {
    KMP_TRY(const base::Bytes root, base::read_file(arguments.root_file, kMaxPemFile));
    KMP_TRY(const base::Bytes certificate, base::read_file(arguments.certificate_file, kMaxPemFile));
    pb::AdminRequest request;
    request.mutable_pki_install()->set_root_pem(base::to_string(root));
    request.mutable_pki_install()->set_certificate_pem(base::to_string(certificate));
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::PkiInstallReply& done = reply.pki_install();
    return officer.show(wire::to_json(done), "The root " + done.root_fingerprint() + " vouches for the issuing key until " + time_text(done.not_after_ms()) + ".\n");
}

base::Status show_pki(Officer& officer, const std::string& folder) {
    pb::AdminRequest request;
    request.mutable_pki_show();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::PkiShowReply& shown = reply.pki_show();
    if (!folder.empty()) {
        KMP_CHECK(save(folder, "anchor.pem", shown.anchor_pem()));
        KMP_CHECK(save(folder, "issuing.pem", shown.certificate_pem()));
        KMP_CHECK(save(folder, "root.pem", shown.root_pem()));
        std::string issuers;
        for (const std::string& pem : shown.issuers_pem()) issuers += pem;
        KMP_CHECK(save(folder, "issuers.pem", issuers));
        if (shown.crl_number() != 0) {
            KMP_TRY(const pb::CrlReply crl, ask_crl(officer));
            KMP_CHECK(save(folder, "crl.pem", crl.pem()));
        }
    }
    return officer.show(wire::to_json(shown), pki_text(shown));
}

}  // namespace kmp::kmpctl
