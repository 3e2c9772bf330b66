// What an auditor finds of further master-control UKEYs and of platform UKEYs that take another's place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/replay.h"
#include "tests/audit/sample_log.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

/// The log of a utility whose platform UKEY P1 gives way to P2.
struct Handover {
    SampleLog log;
    TestKey identity{TestKey::Type::p256}, second_issuing{TestKey::Type::p256}, stranger{TestKey::Type::p256}, fresh{TestKey::Type::ed25519};
    pki::Certificate fresh_certificate = log.pki.certify(fresh.spki(), pki::Profile::checkpoint, model::UkeyKind::platform, "P2");

    Handover() {
        log.add(log.genesis().text(Field::ukey, "P1"));
        log.add(Event(EventType::ukey_initialised).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user));
        log.add(Event(EventType::ukey_issued).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user));
        log.add(log.grant_set(SampleLog::grant()));
        log.add(Event(EventType::ukey_initialised).text(Field::ukey, "P1").value(Field::ukey_kind, model::UkeyKind::platform));
        log.add(Event(EventType::ukey_issued).text(Field::ukey, "P1").value(Field::ukey_kind, model::UkeyKind::platform)
                    .bytes(Field::certificate, log.pki.certify(identity.spki(), pki::Profile::identity, model::UkeyKind::platform, "P1").der()));
    }
    base::Bytes statement(std::uint64_t size) const { return statement(size, log.checkpoint().root); }
    base::Bytes statement(std::uint64_t size, const audit::Digest& root) const {
        return audit::platform_statement(SampleLog::kOrigin, "P2", fresh.spki(), size, root);
    }
    Event replaced(const TestKey& signer) const {
        const std::uint64_t size = log.records.size();
        return Event(EventType::platform_replaced).text(Field::ukey, "P2").bytes(Field::certificate, fresh_certificate.der()).bytes(Field::checkpoint_key, fresh.spki())
            .number(Field::size, size).bytes(Field::root, log.checkpoint().root).bytes(Field::signature, signer.sign_statement("platform", statement(size)));
    }
    Event added(const TestKey& by) {
        pki::CertificateOrder order;
        order.profile = pki::Profile::issuing;
        order.subject = {log.pki.anchor.subject().utility, model::UkeyKind::master_control, base::UkeySerial::parse("M2").value(), ""};
        order.spki = second_issuing.spki();
        order.not_before = log.pki.anchor.not_before();
        order.not_after = log.pki.anchor.not_after();
        TestKey& key = const_cast<TestKey&>(by);
        // Whoever signs: only the anchor's own key makes a certificate that its checks let out.
        auto certificate = pki::issue(order, log.pki.anchor, key);
        return Event(EventType::master_added).text(Field::ukey, "M2").bytes(Field::certificate, certificate ? certificate->der() : fresh_certificate.der());
    }
    std::vector<std::string> findings() { return rules_of(log.verify()); }
    std::string at(const std::string& rule) const { return rule + "@" + std::to_string(log.records.size() - 1); }
};

TEST(handover, signed_by_the_master_control_ukey_leaves_only_the_checkpoint_to_the_new_key) {
    Handover h;
    h.log.add(h.replaced(h.log.pki.issuing));
    // The sample's checkpoint and certificate are the old key's: from here on it signs nothing.
    EXPECT_THAT(h.findings(), testing::UnorderedElementsAre("signature", "certificate"));
}

TEST(handover, that_no_master_control_ukey_signed_is_found) {
    Handover h;
    h.log.add(h.replaced(h.stranger));
    EXPECT_THAT(h.findings(), Contains(h.at("platform")));
}

TEST(handover, over_more_events_than_there_were_is_found) {
    Handover h;
    const std::uint64_t size = h.log.records.size() + 1;
    h.log.add(Event(EventType::platform_replaced).text(Field::ukey, "P2").bytes(Field::certificate, h.fresh_certificate.der()).bytes(Field::checkpoint_key, h.fresh.spki())
                  .number(Field::size, size).bytes(Field::root, h.log.checkpoint().root).bytes(Field::signature, h.log.pki.issuing.sign_statement("platform", h.statement(size))));
    EXPECT_THAT(h.findings(), Contains(h.at("platform")));
}

TEST(handover, that_the_ukey_of_before_is_said_to_have_signed_and_did_not_is_found) {
    Handover good;
    const base::Bytes statement = good.statement(good.log.records.size());
    good.log.add(good.replaced(good.log.pki.issuing).bytes(Field::handover, good.identity.sign_statement("handover", statement)));
    EXPECT_THAT(good.findings(), testing::Not(Contains(good.at("platform"))));
    Handover bad;
    bad.log.add(bad.replaced(bad.log.pki.issuing).bytes(Field::handover, bad.stranger.sign_statement("handover", statement)));
    EXPECT_THAT(bad.findings(), Contains(bad.at("platform")));
}

TEST(handover, after_which_what_stands_before_it_was_written_anew_is_found) {
    Handover h;
    const Event replaced = h.replaced(h.log.pki.issuing);
    h.log.records.pop_back();
    h.log.add(Event(EventType::service_started).text(Field::version, "another"));
    h.log.add(replaced);
    EXPECT_THAT(h.findings(), Contains(h.at("platform")));
}

TEST(handover, that_no_master_control_ukey_signed_is_found_where_no_rules_are_replayed_too) {
    for (const bool genuine : {true, false}) {
        Handover h;
        h.log.add(h.replaced(genuine ? h.log.pki.issuing : h.stranger));
        audit::ExportHead head = h.log.head();
        head.certificates.back() = h.fresh_certificate.der();
        const base::Bytes bytes = h.log.exported(head, audit::sign_checkpoint(h.log.checkpoint(), h.fresh).value());
        audit::VerifyOptions options;
        options.trust_anchor = h.log.pki.anchor.der();
        options.rules = false;
        EXPECT_EQ(rules_of(audit::verify_export(source_of(bytes), options).value()), genuine ? std::vector<std::string>() : std::vector<std::string>{h.at("platform")});
    }
}

TEST(further_master, that_the_anchor_certified_signs_grants) {
    Handover h;
    h.log.add(h.added(h.log.pki.issuing));
    model::Grant second = SampleLog::grant();
    second.number = 2;
    h.log.add(Event(EventType::grant_set).text(Field::ukey, "U1").number(Field::grant_number, 2).bytes(Field::grant, second.encode())
                  .bytes(Field::signature, h.second_issuing.sign_statement("grant", second.encode())));
    EXPECT_THAT(h.findings(), IsEmpty());
}

TEST(further_master, signs_nothing_before_it_was_added) {
    Handover h;
    model::Grant second = SampleLog::grant();
    second.number = 2;
    h.log.add(Event(EventType::grant_set).text(Field::ukey, "U1").number(Field::grant_number, 2).bytes(Field::grant, second.encode())
                  .bytes(Field::signature, h.second_issuing.sign_statement("grant", second.encode())));
    EXPECT_THAT(h.findings(), ElementsAre(h.at("grant")));
}

TEST(further_master, without_the_anchors_certificate_is_found) {
    Handover h;
    h.log.add(h.added(h.stranger));
    EXPECT_THAT(h.findings(), ElementsAre(h.at("master"), h.at("master")));
}

}  // namespace
