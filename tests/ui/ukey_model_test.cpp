// The list of UKEYs, its filter, and what can be done with one. No service.
#include <gtest/gtest.h>

#include <QSignalSpy>

#include "model/ukey.h"
#include "ui/parts/grant_terms.h"
#include "ui/link/link.h"
#include "ui/ukeys/acts.h"
#include "ui/ukeys/certificate.h"
#include "ui/ukeys/deeds.h"
#include "ui/ukeys/ukey_model.h"

using namespace ui::ukeys;
using List = google::protobuf::RepeatedPtrField<pb::Ukey>;

namespace {

pb::Ukey user_ukey(int number) {
    pb::Ukey u;
    u.set_serial("US-" + std::to_string(100000 + number));
    u.set_kind(number % 10 == 0 ? "key" : "user");
    u.set_state(number % 7 == 0 ? "suspended" : "issued");
    u.set_holder("Holder " + std::to_string(number));
    u.set_not_after_ms(1'800'000'000'000 + number * base::kDay);
    u.set_last_used_ms(number);
    *u.mutable_terms() = ui::parts::usual_terms(model::UkeyKind::user);
    u.mutable_terms()->set_station("station-" + std::to_string(number));
    return u;
}

List list_of(int n) {
    List out;
    for (int i = 0; i < n; ++i) *out.Add() = user_ukey(i);
    return out;
}

void read(UkeyModel& model, const List& list) {
    model.begin();
    model.take(list);
    model.finish();
}

const Choice& choice(const std::vector<Choice>& all, Act act) { return *std::ranges::find(all, act, &Choice::act); }

}  // namespace

TEST(UkeyModel, a_second_reading_moves_no_row_and_tells_only_what_changed) {
    UkeyModel model;
    read(model, list_of(50));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    const QPersistentModelIndex kept = model.index(20, 0);
    read(model, list_of(50));
    EXPECT_EQ(changed.count() + inserted.count() + removed.count(), 0);
    List other = list_of(51);
    other.Mutable(20)->set_state("lost");
    other.DeleteSubrange(3, 1);
    read(model, other);
    EXPECT_EQ(changed.count(), 1);
    EXPECT_EQ(inserted.count(), 1);
    EXPECT_EQ(removed.count(), 1);
    EXPECT_EQ(model.rowCount(), 50);
    EXPECT_EQ(kept.row(), 19);
    EXPECT_EQ(model.row(19).ukey.state(), "lost");
    EXPECT_EQ(model.find("US-100003"), -1);
    for (int i = 0; i < model.rowCount(); ++i) EXPECT_EQ(model.find(model.row(i).ukey.serial()), i);
}

TEST(UkeyModel, filters_by_words_in_any_column_by_kind_and_by_state) {
    UkeyModel model;
    UkeyFilter filter(model);
    read(model, list_of(100));
    EXPECT_EQ(filter.rowCount(), 100);
    EXPECT_FALSE(filter.narrows());
    filter.set_text("station-42");
    ASSERT_EQ(filter.rowCount(), 1);
    EXPECT_EQ(filter.index(0, UkeyModel::kSerial).data().toString(), "US-100042");
    filter.set_text("HOLDER us-100042");
    EXPECT_EQ(filter.rowCount(), 1);
    filter.set_text("nobody");
    EXPECT_EQ(filter.rowCount(), 0);
    filter.set_text({});
    filter.set_kind("key");
    EXPECT_EQ(filter.rowCount(), 10);
    filter.set_state("suspended");
    EXPECT_EQ(filter.rowCount(), 2);  // 0 and 70
    EXPECT_TRUE(filter.narrows());
}

TEST(UkeyModel, sorts_times_as_times) {
    UkeyModel model;
    UkeyFilter filter(model);
    read(model, list_of(30));
    filter.sort(UkeyModel::kUntil, Qt::DescendingOrder);
    EXPECT_EQ(filter.index(0, UkeyModel::kSerial).data().toString(), "US-100029");
    filter.sort(UkeyModel::kLastUsed, Qt::AscendingOrder);
    EXPECT_EQ(filter.index(0, UkeyModel::kSerial).data().toString(), "US-100000");
}

TEST(UkeyModel, follows_the_readers_between_two_readings) {
    UkeyModel model;
    read(model, list_of(5));
    google::protobuf::RepeatedPtrField<pb::ReaderStatus> readers;
    pb::ReaderStatus& r = *readers.Add();
    r.set_name("desk-1");
    r.set_content("ukey");
    r.set_ukey("US-100002");
    r.set_ukey_state("blocked");
    EXPECT_EQ(model.set_readers(readers), std::vector<std::string>{"US-100002"}) << "its state is another there: it is to be asked for";
    EXPECT_EQ(model.index(2, UkeyModel::kReader).data().toString(), "desk-1");
    EXPECT_EQ(model.row(2).ukey.state(), "issued") << "the status may be older than the list";
    readers.Clear();
    EXPECT_TRUE(model.set_readers(readers).empty());
    EXPECT_EQ(model.index(2, UkeyModel::kReader).data().toString(), "");
}

TEST(UkeyModel, ten_thousand_come_in_parts_and_are_all_there) {
    UkeyModel model;
    UkeyFilter filter(model);
    filter.sort(UkeyModel::kHolder);
    const List all = list_of(10'000);
    model.begin();
    for (int i = 0; i < 10'000; i += 100) {
        List part;
        for (int j = i; j < i + 100; ++j) *part.Add() = all[j];
        model.take(part);
    }
    model.finish();
    EXPECT_EQ(filter.rowCount(), 10'000);
    filter.set_text("station-1234");
    EXPECT_EQ(filter.rowCount(), 1);
}

TEST(UkeyActs, are_possible_just_where_the_transition_table_has_a_line) {
    const std::map<Act, model::UkeyAction> table{{Act::suspend, model::UkeyAction::suspend}, {Act::resume, model::UkeyAction::resume}, {Act::unblock, model::UkeyAction::unblock},
                                                 {Act::report_lost, model::UkeyAction::report_lost}, {Act::revoke, model::UkeyAction::revoke}, {Act::destroy, model::UkeyAction::destroy}};
    for (int s = 1; s <= 9; ++s) {
        const auto state = static_cast<model::UkeyState>(s);
        pb::Ukey u = user_ukey(1);
        u.set_state(std::string(model::name(state)));
        u.set_reader("desk-1");
        const auto all = choices(u, false);
        for (const auto& [act, action] : table) {
            EXPECT_EQ(choice(all, act).possible, model::next_state(state, action).ok()) << u.state() << " " << model::name(action);
            EXPECT_FALSE(choice(all, act).why.isEmpty());
        }
        for (const Choice& c : next_choices(u, false)) EXPECT_TRUE(c.possible);
    }
}

TEST(UkeyActs, say_why_not) {
    pb::Ukey u = user_ukey(1);
    EXPECT_TRUE(choice(choices(u, false), Act::set_pin).why.contains("plugged in"));
    u.set_reader("desk-1");
    EXPECT_TRUE(choice(choices(u, false), Act::set_pin).possible);
    EXPECT_TRUE(choice(choices(u, false), Act::attend).possible);
    EXPECT_FALSE(choice(choices(u, false), Act::forget_pin).possible);
    u.set_must_change_pin(true);
    EXPECT_FALSE(choice(choices(u, false), Act::attend).possible);
    u.set_must_change_pin(false);
    u.set_attended(true);
    EXPECT_FALSE(choice(choices(u, false), Act::attend).possible);
    EXPECT_TRUE(choice(choices(u, false), Act::forget_pin).possible);
    u.set_kind("auditor");
    EXPECT_FALSE(choice(choices(u, false), Act::grant).possible);
    EXPECT_FALSE(choice(choices(u, false), Act::inject).possible);
    u.set_kind("platform");
    for (const Choice& c : choices(u, false)) EXPECT_FALSE(c.possible) << c.label.toStdString();
    u.set_kind("something new");
    for (const Choice& c : choices(u, false)) EXPECT_FALSE(c.possible);
}

TEST(UkeyActs, the_last_master_control_ukey_is_taken_from_nobody) {
    pb::Ukey u = user_ukey(1);
    u.set_kind("master-control");
    pb::Ukey other = user_ukey(2);
    other.set_kind("master-control");
    other.set_state("suspended");
    std::vector<pb::Ukey> all{u, other};
    EXPECT_TRUE(is_last_master(u, all));
    for (const Act act : {Act::suspend, Act::report_lost}) {
        EXPECT_FALSE(choice(choices(u, false, {}, true), act).possible);
        EXPECT_TRUE(choice(choices(u, false, {}, true), act).why.contains("No other master-control UKEY is in use"));
    }
    EXPECT_TRUE(next_choices(u, false, {}, true).empty());
    all[1].set_state("issued");
    EXPECT_FALSE(is_last_master(u, all));
    EXPECT_TRUE(choice(choices(u, false), Act::suspend).possible);
    EXPECT_TRUE(deed_for(Act::revoke, u, 0).what.join(' ').contains("no other one can sign its revocation list"));
}

TEST(UkeyActs, what_becomes_a_request_needs_no_token_yet) {
    pb::Ukey u = user_ukey(1);
    EXPECT_FALSE(choice(choices(u, false), Act::renew).possible);
    EXPECT_TRUE(choice(choices(u, true), Act::renew).possible);
    EXPECT_FALSE(choice(choices(u, true), Act::set_pin).possible) << "its holder does that";
}

TEST(UkeyActs, on_a_log_that_is_not_believed_are_just_those_that_the_link_lets_through) {
    pb::Ukey u = user_ukey(1);
    u.set_reader("desk-1");
    for (int s = 1; s <= 9; ++s) {
        u.set_state(std::string(model::name(static_cast<model::UkeyState>(s))));
        const auto usually = choices(u, false);
        const auto now = choices(u, false, "it is not believed");
        for (const Choice& c : usually) {
            // A grant and a renewal are asked for in dialogs of their own, and give something.
            const bool through = c.act != Act::grant && c.act != Act::renew && ui::link::works_on_any_log(deed_for(c.act, u, 0).request("left", {}));
            EXPECT_EQ(choice(now, c.act).possible, c.possible && through) << u.state() << ": " << c.label.toStdString();
            if (c.possible && !through) {
                EXPECT_EQ(choice(now, c.act).why, "it is not believed");
            }
        }
    }
}

TEST(UkeyActs, on_a_log_that_is_not_believed_the_configuration_is_not_read_anew) {
    pb::AdminRequest request;
    request.mutable_reload();
    EXPECT_FALSE(ui::link::works_on_any_log(request)) << "no text names it, and a configuration can give something";
    request.mutable_seal();
    EXPECT_TRUE(ui::link::works_on_any_log(request));
}

TEST(UkeyDeeds, say_what_stops_and_take_the_right_hand) {
    pb::Ukey u = user_ukey(1);
    u.add_masters("credit 1");
    const ui::parts::Deed revoke = deed_for(Act::revoke, u, 2);
    EXPECT_TRUE(revoke.wants_reason);
    EXPECT_TRUE(revoke.danger);
    EXPECT_EQ(revoke.hand, ui::parts::Hand::officer);
    const QString words = revoke.what.join(' ');
    EXPECT_TRUE(words.contains("station-1") && words.contains("2 network account") && words.contains("credit 1")) << words.toStdString();
    const auto request = revoke.request("left", "OF-1");
    EXPECT_EQ(request.ukey_change().action(), "revoke");
    EXPECT_EQ(request.ukey_change().reason(), "left");
    EXPECT_EQ(request.ukey_change().officer(), "OF-1");
    u.set_kind("auditor");
    EXPECT_EQ(deed_for(Act::revoke, u, 0).hand, ui::parts::Hand::master);
    EXPECT_EQ(deed_for(Act::destroy, u, 0).hand, ui::parts::Hand::master);
}

TEST(UkeyDeeds, a_renewal_is_never_offered_for_less_than_there_is) {
    pb::Ukey u = user_ukey(1);
    const QDate today(2026, 11, 23);
    u.set_not_after_ms(QDate(2036, 5, 1).endOfDay().toMSecsSinceEpoch());
    EXPECT_EQ(renewed_until(u, today), QDate(2037, 5, 1));
    u.set_not_after_ms(QDate(2026, 5, 1).endOfDay().toMSecsSinceEpoch());
    EXPECT_EQ(renewed_until(u, today), QDate(2027, 11, 23)) << "it has ended already";
    EXPECT_TRUE(renew_deed(u, [] { return base::Millis{}; }).what.join(' ').contains("valid until 2026-05-01"));
}

TEST(UkeyDeeds, a_narrower_grant_takes_one_officer_and_a_wider_one_all) {
    const pb::Ukey u = user_ukey(1);
    pb::GrantTerms before = u.terms();
    before.set_not_before_ms(1'700'000'000'000);
    before.set_not_after_ms(1'900'000'000'000);
    pb::GrantTerms after = before;
    after.set_per_day_fen(before.per_day_fen() - 1);
    EXPECT_EQ(grant_deed(u, before, after, true).hand, ui::parts::Hand::officer);
    EXPECT_EQ(grant_deed(u, before, after, false).hand, ui::parts::Hand::master);
    after.set_per_day_fen(before.per_day_fen() + 1);
    EXPECT_EQ(grant_deed(u, before, after, true).hand, ui::parts::Hand::master);
    EXPECT_EQ(grant_deed(u, before, after, true).request({}, {}).grant_set().terms().per_day_fen(), before.per_day_fen() + 1);
}

TEST(Certificate, what_is_none_is_not_read) {
    EXPECT_FALSE(read_certificate("").has_value());
    EXPECT_FALSE(read_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").has_value());
}
