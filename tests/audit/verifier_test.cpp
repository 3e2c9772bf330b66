#include "audit/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/meter_counts.h"
#include "audit/order_ids.h"
#include "tests/audit/logged.h"

namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using model::UkeyAction;
using model::UkeyState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

Event changed(const std::string& ukey, UkeyAction action, UkeyState from, UkeyState to) {
    return std::move(Event(EventType::ukey_state_changed).text(Field::ukey, ukey).value(Field::action, action).value(Field::state_from, from).value(Field::state_to, to));
}

/// Rules found in a log that begins well and goes on with `more`.
std::vector<std::string> found_after(int orders, const std::function<void(SampleLog&)>& more) {
    SampleLog log;
    log.begin_with_orders(orders);
    more(log);
    return rules_of(log.verify());
}

/// An order as SampleLog::order makes it, with other values.
Event order_with(std::uint8_t n, Field field, std::uint64_t value) {
    const base::Bytes bytes = *SampleLog::order(n).encode(0, 0);
    const audit::Record record = *audit::Record::decode(bytes);
    Event out(EventType::order);
    for (const auto& item : record.items())
        if (item.field != field) out.bytes(item.field, item.value);
    out.number(field, value);
    return out;
}

Event order_with(std::uint8_t n, Field field, std::string_view value) {
    const base::Bytes bytes = *SampleLog::order(n).encode(0, 0);
    const audit::Record record = *audit::Record::decode(bytes);
    Event out(EventType::order);
    for (const auto& item : record.items())
        if (item.field != field) out.bytes(item.field, item.value);
    out.text(field, value);
    return out;
}

}  // namespace

TEST(verifier, finds_a_good_log_sound) {
    SampleLog log;
    log.begin_with_orders(20);
    const auto verdict = log.verify();
    EXPECT_THAT(rules_of(verdict), IsEmpty()) << (verdict.findings.empty() ? "" : verdict.findings[0].message);
    EXPECT_TRUE(verdict.sound);
    EXPECT_TRUE(verdict.rules_replayed);
    EXPECT_EQ(verdict.size, 24u);
    EXPECT_EQ(verdict.root, log.checkpoint().root);
    EXPECT_EQ(verdict.origin, SampleLog::kOrigin);
    EXPECT_EQ(verdict.counts.at(EventType::order), 20u);
    EXPECT_EQ(verdict.counts.at(EventType::genesis), 1u);
    EXPECT_EQ(verdict.first_time, kDayOne);
    EXPECT_EQ(verdict.signed_by, "Test Utility, platform UKEY P1");
    EXPECT_FALSE(verdict.anchor_from_export);
    EXPECT_EQ(verdict.anchor_fingerprint, base::to_hex(base::sha256(log.pki.anchor.der())));
}

TEST(verifier, says_when_the_anchor_came_from_the_export) {
    SampleLog log;
    log.begin();
    const base::Bytes bytes = log.exported();
    const auto verdict = audit::verify_export(source_of(bytes), {});
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->sound);
    EXPECT_TRUE(verdict->anchor_from_export);
}

TEST(verifier, gives_one_verdict_whatever_the_size_of_the_pieces) {
    SampleLog log;
    log.begin_with_orders(3);
    const base::Bytes bytes = log.exported();
    for (std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size()}) EXPECT_TRUE(audit::verify_export(source_of(bytes, piece), {})->sound) << piece;
}

TEST(verifier, finds_every_truncation_and_addition) {
    SampleLog log;
    log.begin_with_orders(2);
    const base::Bytes good = log.exported();
    for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(log.verify(base::Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n))).sound) << n;
    base::Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(log.verify(longer).sound);
}

TEST(verifier, finds_records_that_were_moved_removed_repeated_or_inserted) {
    SampleLog log;
    log.begin_with_orders(5);
    const auto note = log.note();
    const auto head = log.head();
    const auto good = log.records;
    const auto rules = [&](std::vector<base::Bytes> records) {
        log.records = std::move(records);
        auto h = head;
        h.end = log.records.size();
        return rules_of(log.verify(log.exported(h, note)));
    };
    auto records = good;
    std::swap(records[5], records[6]);
    EXPECT_THAT(rules(records), Contains("order@5"));
    EXPECT_THAT(rules(records), Contains("root"));
    records = good;
    records.erase(records.begin() + 6);
    EXPECT_THAT(rules(records), Contains("order@6"));
    EXPECT_THAT(rules(records), Contains("root"));
    records = good;
    records.pop_back();
    EXPECT_THAT(rules(records), ElementsAre("root")) << "a shorter log than the one that was signed";
    records = good;
    records.insert(records.begin() + 4, records[4]);
    EXPECT_THAT(rules(records), Contains("order@4"));
    EXPECT_THAT(rules(records), Contains("root"));
    records = good;
    records[5] = *SampleLog::order(77).encode(5, kDayOne);
    EXPECT_THAT(rules(records), Contains("root"));
}

TEST(verifier, finds_parts_of_two_logs_put_together) {
    SampleLog one;
    one.begin_with_orders(4);
    SampleLog two;
    two.begin_with_orders(4);
    const auto two_note = two.note();
    SampleLog mixed;
    mixed.pki = TestPki();
    std::copy(one.records.begin(), one.records.begin() + 5, std::back_inserter(mixed.records));
    std::copy(two.records.begin() + 5, two.records.end(), std::back_inserter(mixed.records));
    EXPECT_THAT(rules_of(one.verify(mixed.exported(one.head(), one.note()))), IsEmpty()) << "orders are the same in both";
    std::copy(two.records.begin(), two.records.begin() + 5, mixed.records.begin());
    EXPECT_FALSE(one.verify(mixed.exported(one.head(), one.note())).sound);
    EXPECT_FALSE(one.verify(mixed.exported(one.head(), two_note)).sound);
    EXPECT_FALSE(one.verify(two.exported()).sound) << "a whole log of somebody else";
}

TEST(verifier, finds_a_checkpoint_of_another_key) {
    SampleLog log;
    log.begin_with_orders(2);
    TestKey stranger(TestKey::Type::ed25519);
    const auto forged = *audit::sign_checkpoint(log.checkpoint(), stranger);
    EXPECT_THAT(rules_of(log.verify(log.exported(log.head(), forged))), ElementsAre("signature"));
}

TEST(verifier, finds_a_log_that_was_forged_whole_with_other_keys) {
    SampleLog log;
    log.begin_with_orders(2);
    SampleLog forged;
    forged.begin_with_orders(3);
    // Everything inside agrees; only the anchor is not the one we know.
    const base::Bytes bytes = forged.exported();
    EXPECT_TRUE(audit::verify_export(source_of(bytes), {})->sound);
    EXPECT_THAT(rules_of(log.verify(bytes)), Contains("certificate"));
}

TEST(verifier, finds_certificates_that_do_not_fit) {
    SampleLog log;
    log.begin();
    const auto with = [&](std::vector<base::Bytes> certificates) {
        auto head = log.head();
        head.certificates = std::move(certificates);
        return rules_of(log.verify(log.exported(head, log.note())));
    };
    EXPECT_THAT(with({log.pki.anchor.der()}), Contains("certificate")) << "without the checkpoint certificate";
    EXPECT_THAT(with({log.pki.anchor.der(), log.pki.anchor.der()}), Contains("certificate"));
    const auto other_key = log.pki.certify(TestKey(TestKey::Type::ed25519).spki(), pki::Profile::checkpoint, model::UkeyKind::platform, "P1");
    EXPECT_THAT(with({log.pki.anchor.der(), other_key.der()}), ElementsAre("certificate"));
    TestPki stranger;
    const auto other_issuer = stranger.certify(log.pki.checkpoint.spki(), pki::Profile::checkpoint, model::UkeyKind::platform, "P1");
    EXPECT_THAT(with({log.pki.anchor.der(), other_issuer.der()}), ElementsAre("certificate"));
    EXPECT_THAT(with({log.pki.checkpoint_certificate.der(), log.pki.checkpoint_certificate.der()}), Contains("certificate"));
    EXPECT_THAT(with({log.pki.anchor.der(), log.pki.checkpoint_certificate.der()}), IsEmpty());
}

TEST(verifier, finds_records_after_the_certificates_ran_out) {
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(Event(EventType::sealed), kDayOne + 400 * base::kDay); }), Contains("certificate"));
}

TEST(verifier, finds_a_log_without_or_with_two_beginnings) {
    SampleLog log;
    log.add(Event(EventType::sealed));
    EXPECT_THAT(rules_of(log.verify()), Contains("genesis@0"));
    EXPECT_THAT(found_after(0, [](SampleLog& l) { l.add(l.genesis()); }), Contains("genesis@4"));
}

TEST(verifier, finds_time_that_falls) {
    EXPECT_THAT(found_after(2, [](SampleLog& log) { log.add(Event(EventType::sealed), kDayOne - 1); }), ElementsAre("time@6"));
}

TEST(verifier, many_findings_about_records_hide_none_about_the_whole_log) {
    SampleLog log;
    log.begin_with_orders(2);
    for (base::Millis i = 1; i <= 10; ++i) log.add(Event(EventType::sealed), kDayOne - i);
    TestKey stranger(TestKey::Type::ed25519);
    audit::VerifyOptions options;
    options.max_findings = 3;
    const base::Bytes bytes = log.exported(log.head(), *audit::sign_checkpoint(log.checkpoint(), stranger));
    const auto verdict = *audit::verify_export(source_of(bytes), options);
    EXPECT_THAT(rules_of(verdict), ElementsAre("time@6", "time@7", "signature"));
    EXPECT_EQ(verdict.finding_count, 11u);
}

TEST(verifier, holds_the_log_against_a_checkpoint_kept_outside) {
    SampleLog log;
    log.begin_with_orders(3);
    const std::string kept = log.note();
    const auto rules = [&](SampleLog& newer) {
        audit::VerifyOptions options;
        options.known_checkpoint = kept;
        const base::Bytes bytes = newer.exported();
        return rules_of(*audit::verify_export(source_of(bytes), options));
    };
    EXPECT_THAT(rules(log), IsEmpty());
    log.add(SampleLog::order(4));
    EXPECT_THAT(rules(log), IsEmpty());
    auto before = log.records;
    log.records.resize(6);
    EXPECT_THAT(rules(log), ElementsAre("checkpoint")) << "rolled back, and signed again";
    log.records = before;
    log.records[5] = *order_with(2, Field::amount, 1).encode(5, kDayOne);
    EXPECT_THAT(rules(log), ElementsAre("checkpoint")) << "rewritten, and signed again";
    SampleLog other;
    other.begin_with_orders(3);
    EXPECT_THAT(rules(other), Contains("checkpoint"));
    audit::VerifyOptions bad;
    bad.known_checkpoint = "not a note";
    EXPECT_EQ(audit::verify_export(source_of(before[0]), bad).error().code, base::Code::invalid_argument);
}

TEST(verifier, checks_a_range_of_the_log_as_written_by_the_service) {
    SampleLog log;
    log.begin_with_orders(20);
    Logged logged;
    logged.take(log, log.records.size());
    EXPECT_EQ(logged.journal.root(), log.checkpoint().root);
    audit::LogReader reader = logged.journal.reader();
    for (std::uint64_t first = 0; first < log.records.size(); ++first) {
        auto head = log.head();
        head.first = first;
        base::Bytes written;
        ASSERT_TRUE(audit::write_export(reader, head, log.note(), [&](base::ByteView piece) -> base::Status {
            EXPECT_LE(piece.size(), audit::kExportChunk);
            written.insert(written.end(), piece.begin(), piece.end());
            return {};
        }));
        if (first == 0) {
            EXPECT_EQ(written, log.exported());
        }
        const auto verdict = log.verify(written);
        EXPECT_THAT(rules_of(verdict), IsEmpty()) << first;
        EXPECT_EQ(verdict.rules_replayed, first == 0);
        EXPECT_EQ(verdict.first, first);
        EXPECT_EQ(verdict.root, log.checkpoint().root);
        if (first != 13) continue;
        for (std::size_t i = 0; i < written.size(); ++i) {
            const auto mask = static_cast<std::uint8_t>(1u << i % 8);
            written[i] = static_cast<std::uint8_t>(written[i] ^ mask);
            ASSERT_FALSE(log.verify(written).sound) << "byte " << i << " of " << written.size();
            written[i] = static_cast<std::uint8_t>(written[i] ^ mask);
        }
    }
    auto head = log.head();
    const auto ignore = [](base::ByteView) -> base::Status { return {}; };
    head.first = head.end;
    EXPECT_EQ(audit::write_export(reader, head, log.note(), ignore).error().code, base::Code::invalid_argument);
    head = log.head();
    head.end = 5;
    EXPECT_EQ(audit::write_export(reader, head, log.note(), ignore).error().code, base::Code::invalid_argument) << "the note is over another size";
    EXPECT_EQ(audit::write_export(reader, log.head(), log.note(), [](base::ByteView) -> base::Status { return base::Error{base::Code::cancelled, "gone"}; }).error().code,
              base::Code::cancelled);
}

TEST(rules, same_order_twice_is_found) {
    EXPECT_THAT(found_after(3, [](SampleLog& log) { log.add(order_with(2, Field::count, 4)); }), ElementsAre("duplicate@7"));
}

TEST(rules, same_order_id_at_another_station_is_another_order) {
    EXPECT_THAT(found_after(3, [](SampleLog& log) {
                    auto grant = SampleLog::grant();
                    grant.station.clear();
                    grant.number = 2;
                    log.add(log.grant_set(grant));
                    const base::Bytes bytes = *order_with(4, Field::grant_number, 2).encode(0, 0);
                    const auto record = *audit::Record::decode(bytes);
                    Event event(EventType::order);
                    for (const auto& item : record.items())
                        if (item.field != Field::station && item.field != Field::order_id) event.bytes(item.field, item.value);
                    const base::Bytes first = *SampleLog::order(1).encode(0, 0);
                    event.text(Field::station, "s-2").bytes(Field::order_id, audit::Record::decode(first)->bytes(Field::order_id));
                    log.add(event);
                }),
                IsEmpty());
}

TEST(rules, repetition_is_fine_after_its_order_only) {
    const auto repeated = [](std::uint8_t n, std::uint64_t more_count = 0, bool other_content = false) {
        const base::Bytes bytes = *SampleLog::order(n).encode(0, 0);
        const audit::Record order = *audit::Record::decode(bytes);
        base::Bytes content = base::to_bytes(order.bytes(Field::content_hash));
        content[0] = static_cast<std::uint8_t>(content[0] ^ (other_content ? 1 : 0));
        Event event(EventType::order_repeated);
        event.text(Field::station, "s-1").bytes(Field::order_id, order.bytes(Field::order_id)).bytes(Field::content_hash, content);
        return std::move(event.number(Field::count, order.number(Field::count) + more_count));
    };
    EXPECT_THAT(found_after(3, [&](SampleLog& log) {
                    log.add(repeated(2));
                    log.add(repeated(2));
                }),
                IsEmpty());
    EXPECT_THAT(found_after(3, [&](SampleLog& log) { log.add(repeated(4)); }), ElementsAre("duplicate@7"));
    // A fresh credit must not hide behind the name of an old order.
    EXPECT_THAT(found_after(3, [&](SampleLog& log) { log.add(repeated(2, 1)); }), ElementsAre("duplicate@7"));
    EXPECT_THAT(found_after(3, [&](SampleLog& log) { log.add(repeated(2, 0, true)); }), ElementsAre("duplicate@7"));
}

TEST(rules, private_keys_under_the_factory_keys_for_a_meter_that_had_some_are_found) {
    const auto sent = [] {
        Event event(EventType::keys_sent);
        event.text(Field::ukey, SampleLog::grant().ukey.text()).number(Field::meter, 123456).flag(Field::recover, false).number(Field::key_version, 1);
        return std::move(event.flag(Field::factory_wrapped, true));
    };
    const auto loaded = [] {
        Event event(EventType::keys_loaded);
        event.number(Field::meter, 123456).value(Field::outcome, audit::Outcome::done).flag(Field::recover, false);
        return event;
    };
    EXPECT_THAT(found_after(3, [&](SampleLog& log) {
                    log.add(sent());
                    log.add(sent());
                    log.add(loaded());
                }),
                IsEmpty());
    EXPECT_THAT(found_after(3, [&](SampleLog& log) {
                    log.add(loaded());
                    log.add(sent());
                }),
                ElementsAre("keys@8"));
}

namespace {

/// A log in which meter 123456 has had private keys: what follows begins at record 8.
std::vector<std::string> found_after_keys(const std::function<void(SampleLog&)>& more) {
    return found_after(3, [&](SampleLog& log) {
        log.add(Event(EventType::keys_loaded).number(Field::meter, 123456).value(Field::outcome, audit::Outcome::done).flag(Field::recover, false));
        more(log);
    });
}
Event allowed(base::Millis until, std::uint64_t meter = 123456) {
    return std::move(Event(EventType::download_allowed).number(Field::meter, meter).text(Field::reason, "new board").time(Field::not_after, until));
}
Event sent_by(const std::string& ukey) {
    return std::move(Event(EventType::keys_sent).text(Field::ukey, ukey).number(Field::meter, 123456).flag(Field::recover, false).number(Field::key_version, 1).flag(Field::factory_wrapped, true));
}
Event done() { return std::move(Event(EventType::keys_loaded).number(Field::meter, 123456).value(Field::outcome, audit::Outcome::done).flag(Field::recover, false)); }

}  // namespace

TEST(rules, a_second_download_that_was_allowed_is_fine_and_may_be_repeated_until_it_is_done) {
    const std::string u1 = SampleLog::grant().ukey.text();
    EXPECT_THAT(found_after_keys([&](SampleLog& log) {
                    log.add(allowed(log.now + 7 * base::kDay));
                    log.add(sent_by(u1));
                    log.add(sent_by(u1));
                    log.add(done());
                }),
                IsEmpty());
}

TEST(rules, a_second_download_after_the_allowed_one_was_done_is_found) {
    const std::string u1 = SampleLog::grant().ukey.text();
    EXPECT_THAT(found_after_keys([&](SampleLog& log) {
                    log.add(allowed(log.now + base::kDay));
                    log.add(sent_by(u1));
                    log.add(done());
                    log.add(sent_by(u1));
                }),
                ElementsAre("keys@11"));
}

TEST(rules, an_allowed_download_for_another_meter_or_past_its_time_or_by_a_second_ukey_is_found) {
    const std::string u1 = SampleLog::grant().ukey.text();
    EXPECT_THAT(found_after_keys([&](SampleLog& log) {
                    log.add(allowed(log.now + base::kDay, 123457));
                    log.add(sent_by(u1));
                }),
                ElementsAre("keys@9"));
    EXPECT_THAT(found_after_keys([&](SampleLog& log) {
                    log.add(allowed(log.now + base::kDay));
                    log.now += base::kDay + 1;
                    log.add(sent_by(u1));
                }),
                ElementsAre("keys@9"));
    EXPECT_THAT(found_after_keys([&](SampleLog& log) {
                    log.add(allowed(log.now + base::kDay));
                    log.add(sent_by(u1));
                    log.add(Event(EventType::ukey_initialised).text(Field::ukey, "U2").value(Field::ukey_kind, model::UkeyKind::key));
                    log.add(Event(EventType::ukey_issued).text(Field::ukey, "U2").value(Field::ukey_kind, model::UkeyKind::key));
                    log.add(sent_by("U2"));
                }),
                ElementsAre("keys@12"));
}

TEST(rules, a_download_that_is_allowed_for_more_than_a_week_is_found) {
    EXPECT_THAT(found_after_keys([&](SampleLog& log) { log.add(allowed(log.now + 7 * base::kDay + 1)); }), ElementsAre("keys@8"));
}

TEST(rules, purchase_count_rises_by_one) {
    for (std::uint64_t count : {0u, 2u, 3u, 5u, 300u}) EXPECT_THAT(found_after(3, [&](SampleLog& log) { log.add(order_with(4, Field::count, count)); }), ElementsAre("count@7")) << count;
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::count, 2)); }), ElementsAre("count@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::count, 0)); }), IsEmpty());
}

TEST(rules, order_beyond_its_grant_is_found) {
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::amount, 10'001)); }), ElementsAre("grant@4")) << "per order";
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::amount, 10'000)); }), IsEmpty());
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::meter, 100'000'000'000)); }), ElementsAre("grant@4")) << "outside the meter range";
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::operation, static_cast<std::uint64_t>(model::Operation::refund))); }), ElementsAre("grant@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::operation, static_cast<std::uint64_t>(model::Operation::relay))); }), ElementsAre("grant@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::grant_number, 2)); }), ElementsAre("grant@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::station, "s-2")); }), ElementsAre("grant@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(SampleLog::order(1), kDayOne + 301 * base::kDay); }), ElementsAre("grant@4")) << "the grant had ended";
}

TEST(rules, day_and_month_caps_count_in_the_utilitys_own_day) {
    // The day begins at 16:00 UTC (offset +08:00): three orders of 100 yuan fill it, the fourth fits only after that hour.
    const auto fill = [](SampleLog& log, std::uint8_t from, std::uint8_t to) {
        for (std::uint8_t n = from; n <= to; ++n) log.add(order_with(n, Field::amount, 10'000));
    };
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { fill(log, 1, 3); }), IsEmpty());
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { fill(log, 1, 4); }), ElementsAre("grant@7"));
    EXPECT_THAT(found_after(0, [&](SampleLog& log) {
                    fill(log, 1, 3);
                    log.now = kDayOne + 10 * base::kHour - 1;
                    fill(log, 4, 4);
                }),
                ElementsAre("grant@7"));
    EXPECT_THAT(found_after(0, [&](SampleLog& log) {
                    fill(log, 1, 3);
                    log.now = kDayOne + 10 * base::kHour;
                    fill(log, 4, 5);
                }),
                IsEmpty());
    EXPECT_THAT(found_after(0, [&](SampleLog& log) {
                    fill(log, 1, 3);
                    log.now = kDayOne + 10 * base::kHour;
                    fill(log, 4, 6);  // 600 yuan in a month of 500
                }),
                ElementsAre("grant@9"));
}

TEST(rules, caps_count_when_the_permit_was_given) {
    EXPECT_THAT(found_after(0, [&](SampleLog& log) {
                    for (std::uint8_t n = 1; n <= 3; ++n) log.add(order_with(n, Field::amount, 10'000));
                    log.now = kDayOne + 10 * base::kHour + 5;
                    log.add(std::move(order_with(4, Field::amount, 10'000).time(Field::happened_at, kDayOne + 10 * base::kHour - 5)));
                }),
                ElementsAre("grant@7"));
}

TEST(rules, order_with_a_suspended_or_revoked_ukey_is_found) {
    EXPECT_THAT(found_after(1, [](SampleLog& log) {
                    log.add(changed("U1", UkeyAction::suspend, UkeyState::issued, UkeyState::suspended));
                    log.add(SampleLog::order(2));
                }),
                ElementsAre("state@6"));
    EXPECT_THAT(found_after(1, [](SampleLog& log) {
                    log.add(changed("U1", UkeyAction::suspend, UkeyState::issued, UkeyState::suspended));
                    log.add(changed("U1", UkeyAction::resume, UkeyState::suspended, UkeyState::issued));
                    log.add(SampleLog::order(2));
                }),
                IsEmpty());
    EXPECT_THAT(found_after(1, [](SampleLog& log) {
                    log.add(changed("U1", UkeyAction::revoke, UkeyState::issued, UkeyState::revoked));
                    log.add(SampleLog::order(2));
                    log.add(Event(EventType::session_opened).number(Field::session, 1).text(Field::ukey, "U1"));
                    log.add(Event(EventType::data_signed).text(Field::ukey, "U1").bytes(Field::data_hash, base::Digest{}));
                }),
                ElementsAre("state@6", "state@7", "state@8"));
}

TEST(rules, ukey_that_never_was_is_found) {
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(order_with(1, Field::ukey, "U9")); }), ElementsAre("state@4", "grant@4"));
}

TEST(rules, transitions_that_the_table_does_not_have_are_found) {
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(changed("U1", UkeyAction::suspend, UkeyState::issued, UkeyState::revoked)); }), ElementsAre("state@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(changed("U1", UkeyAction::resume, UkeyState::suspended, UkeyState::issued)); }), ElementsAre("state@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(changed("U1", UkeyAction::unblock, UkeyState::issued, UkeyState::issued)); }), ElementsAre("state@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(Event(EventType::ukey_issued).text(Field::ukey, "U1").value(Field::ukey_kind, model::UkeyKind::user)); }), ElementsAre("state@4"));
    EXPECT_THAT(found_after(0, [](SampleLog& log) { log.add(Event(EventType::ukey_issued).text(Field::ukey, "U2").value(Field::ukey_kind, model::UkeyKind::user)); }), ElementsAre("state@4"));
}

TEST(rules, grants_rise_and_are_signed_by_the_anchor) {
    const auto grant = [](std::uint32_t number) {
        auto g = SampleLog::grant();
        g.number = number;
        return g;
    };
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { log.add(log.grant_set(grant(2))); }), IsEmpty());
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { log.add(log.grant_set(grant(1))); }), ElementsAre("grant@4"));
    const auto bent = [&](const audit::Event& good, Field field, base::ByteView value) {
        const base::Bytes bytes = *good.encode(0, 0);
        const auto record = *audit::Record::decode(bytes);
        Event out(record.type());
        for (const auto& item : record.items())
            if (item.field != field) out.bytes(item.field, item.value);
        if (!value.empty()) out.bytes(field, value);
        return out;
    };
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { log.add(bent(log.grant_set(grant(2)), Field::signature, base::Bytes(64, 1))); }), ElementsAre("grant@4"));
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { log.add(bent(log.grant_set(grant(2)), Field::signature, {})); }), ElementsAre("grant@4"));
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { log.add(bent(log.grant_set(grant(2)), Field::grant, grant(3).encode())); }), ElementsAre("grant@4", "grant@4"));
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { log.add(bent(log.grant_set(grant(2)), Field::grant, base::as_bytes("x"))); }), ElementsAre("grant@4"));
}

TEST(rules, intent_is_concluded_once_and_after_it_was_opened) {
    const auto concluded = [](std::uint64_t intent) { return std::move(Event(EventType::intent_concluded).number(Field::intent, intent).value(Field::outcome, audit::Outcome::done)); };
    EXPECT_THAT(found_after(0, [&](SampleLog& log) {
                    log.add(Event(EventType::intent_opened));
                    log.add(concluded(4));
                }),
                IsEmpty());
    EXPECT_THAT(found_after(0, [&](SampleLog& log) { log.add(concluded(4)); }), ElementsAre("intent@4"));
    EXPECT_THAT(found_after(0, [&](SampleLog& log) {
                    log.add(Event(EventType::intent_opened));
                    log.add(concluded(4));
                    log.add(concluded(4));
                }),
                ElementsAre("intent@6"));
}

TEST(order_ids, are_found_across_runs_in_the_temporary_file) {
    audit::OrderIds ids(10);
    const auto id = [](std::uint64_t n) {
        base::ByteWriter w;
        w.u64(0x019a'0000'0000'7000);
        w.u64(n);
        return std::move(w).take();
    };
    for (std::uint64_t n = 0; n < 1000; ++n) ids.made("s", id(n), n);
    ids.made("s", id(3), 1000);
    ids.made("other", id(3), 1001);
    ids.repeated("s", id(5), 1002);
    ids.repeated("s", id(1000), 1003);
    ids.made("s", id(1000), 1004);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> twice;
    std::vector<std::uint64_t> unknown;
    ASSERT_TRUE(ids.finish([&](std::uint64_t a, std::uint64_t b) { twice.emplace_back(a, b); }, [&](std::uint64_t i) { unknown.push_back(i); }));
    EXPECT_THAT(twice, ElementsAre(std::pair(std::uint64_t{3}, std::uint64_t{1000})));
    EXPECT_THAT(unknown, ElementsAre(1003u)) << "a repetition before its order";
}

TEST(meter_counts, keep_every_meter_apart) {
    audit::MeterCounts counts;
    bool known = false;
    for (std::uint64_t m = 0; m < 5000; ++m) {
        counts.at(m * 977, known).count = m;
        EXPECT_FALSE(known);
    }
    for (std::uint64_t m = 0; m < 5000; ++m) {
        EXPECT_EQ(counts.at(m * 977, known).count, m);
        EXPECT_TRUE(known);
    }
}
