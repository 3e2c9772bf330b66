#include "tests/wire/kmpctl_under_test.h"

#include "wire/failure.h"

namespace tests {
namespace {

namespace pb = wire::pb;

/// Requests by their number: 1 waits, 2 is approved by more than it takes, 3 lacks shares, 4 is over.
void describe_request(std::uint64_t number, pb::Request& r) {
    r.set_number(number);
    r.set_deed("reinject");
    r.set_needed(2);
    r.set_agreeing(number == 1 ? 1 : 3);
    r.set_shares(number == 3 ? 1 : 3);
    r.set_state(number == 1 ? "waiting" : number == 4 ? "done" : "approved");
    (*r.mutable_terms())["ukey"] = "U-0001";
    (*r.mutable_terms())["officers_gone"] = "";
    auto& pin = *r.add_pins();
    pin.set_role("ukey");
    pin.set_prompt("PIN of UKEY U-0001");
}

}  // namespace

FakeAdminService::Answer answer_kmpctl(const pb::AdminRequest& r) {
    FakeAdminService::Answer out;
    auto& reply = out.replies.emplace_back();
    if (r.has_hello()) reply.mutable_hello()->set_version(1);
    if (r.has_status()) {
        auto& s = *reply.mutable_status();
        s.set_state("open");
        s.set_utility("North Power");
        s.set_log_size(12);
        auto& reader = *s.add_readers();
        reader.set_name("usb-1");
        reader.set_kind("softhsm");
        reader.set_content("ukey");
        reader.set_ukey("U-0001");
        s.add_warnings("memory cannot be locked");
    }
    if (r.has_init()) {
        reply.set_more(true);
        reply.mutable_progress()->set_step("making the platform UKEY");
        auto& done = out.replies.emplace_back();
        done.mutable_init()->set_platform("P-0001");
        done.mutable_init()->set_master("M-0001");
        done.mutable_init()->set_minutes("Key ceremony\n");
    }
    if (r.has_unseal()) wire::set_failure(*reply.mutable_failure(), {base::Code::wrong_pin, "wrong PIN: 4 tries left"});
    if (r.has_seal()) reply.mutable_seal();
    if (r.has_ukey_list()) {
        // In two pages, as the service gives a long list.
        reply.set_more(true);
        for (const char* serial : {"U-0001", "U-0002"}) {
            auto& page = serial == std::string("U-0001") ? reply : out.replies.emplace_back();
            auto& u = *page.mutable_ukey_list()->add_ukeys();
            u.set_serial(serial);
            u.set_kind("user");
            u.set_state("issued");
        }
    }
    if (r.has_ukey_show()) {
        reply.mutable_ukey_show()->mutable_ukey()->set_serial(r.ukey_show().serial());
        reply.mutable_ukey_show()->mutable_ukey()->set_kind("user");
        reply.mutable_ukey_show()->mutable_terms()->set_per_day_fen(123456);
    }
    if (r.has_ukey_issue()) reply.mutable_ukey_issue()->mutable_ukey()->set_serial("U-0002");
    if (r.has_ukey_change()) reply.mutable_ukey_change()->mutable_ukey()->set_serial(r.ukey_change().serial());
    if (r.has_restore()) reply.mutable_restore()->set_minutes("A restore\n");
    if (r.has_request_show()) describe_request(r.request_show().number(), *reply.mutable_request_show()->mutable_request());
    if (r.has_request_list()) describe_request(2, *reply.mutable_request_list()->add_requests());
    if (r.has_request_run()) reply.mutable_ukey_change()->mutable_ukey()->set_serial("U-0001");
    if (r.has_backup()) {
        reply.mutable_request_made()->set_number(5);
        reply.mutable_request_made()->set_asked_before(true);
    }
    if (r.has_account_enable()) wire::set_failure(*reply.mutable_failure(), {base::Code::refused, "validity: UKEY U-1 ends before that"});
    if (r.has_audit_list() && r.audit_list().filter().types_size() > 0) {
        // One event a page, and after the first of them a page without any.
        const std::uint64_t first = r.audit_list().first();
        if (first != 1 && first < 3) {
            auto& e = *reply.mutable_audit_list()->add_events();
            e.set_index(first);
            e.set_type(r.audit_list().filter().types(0));
            e.set_json("{\"note\":\"Minutes " + std::to_string(first) + "\\n\"}");
        }
        reply.mutable_audit_list()->set_next(first + 1);
        reply.mutable_audit_list()->set_end(first >= 3);
        reply.mutable_audit_list()->set_size(7);
    } else if (r.has_audit_list()) {
        // Two events a page, of a log of seven.
        const auto& list = r.audit_list();
        const std::uint64_t most = std::min<std::uint64_t>(list.limit(), 2);
        const std::uint64_t before = list.newest() && list.before() != 0 ? std::min<std::uint64_t>(list.before(), 7) : 7;
        const std::uint64_t first = list.newest() ? before - std::min(before, most) : std::min<std::uint64_t>(list.first(), 7);
        const std::uint64_t end = std::min(first + most, before);
        reply.mutable_audit_list()->set_next(list.newest() ? first : end);
        reply.mutable_audit_list()->set_end(list.newest() ? first == 0 : end == 7);
        for (std::uint64_t i = first; i < end; ++i) {
            auto& e = *reply.mutable_audit_list()->add_events();
            e.set_index(i);
            e.set_type("order");
            e.set_text("recharge of 50.00 yuan");
            e.set_json(R"({"amount":5000})");
        }
        reply.mutable_audit_list()->set_size(7);
    }
    if (r.has_audit_export()) {
        reply.set_more(true);
        reply.mutable_audit_export()->set_chunk("first ");
        auto& second = out.replies.emplace_back();
        second.set_more(true);
        second.mutable_audit_export()->set_chunk("second");
        out.replies.emplace_back().mutable_audit_export()->set_end(4);
    }
    if (r.has_audit_checkpoint()) reply.mutable_audit_checkpoint()->set_note("kmp/log\n4\nroot\n");
    if (r.has_crl()) {
        reply.set_more(true);
        reply.mutable_crl()->set_pem("-----BEGIN X509 CRL-----\n");
        out.replies.emplace_back().mutable_crl()->set_pem("the rest\n");
    }
    if (r.has_crl_refresh()) reply.mutable_crl_refresh()->add_lists()->set_number(7);
    if (r.has_pki_request()) {
        reply.mutable_pki_request()->set_request_pem("the request\n");
        reply.mutable_pki_request()->set_anchor_pem("the anchor\n");
    }
    if (r.has_pki_install()) reply.mutable_pki_install()->set_root_fingerprint("abcd");
    if (r.has_pki_show()) {
        auto& p = *reply.mutable_pki_show();
        p.set_anchor_pem("the anchor\n");
        p.set_crl_number(7);
    }
    return out;
}

}  // namespace tests
