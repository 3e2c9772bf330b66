#include "kmp/service/metrics.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "kmp/service/exposition.h"
#include "kmp/service/health.h"
#include "kmp/service/last_minute.h"
#include "tests/store/temporary_folder.h"

namespace {

using kmp::service::DurationHistogram;
using kmp::service::Figures;
using kmp::service::Metrics;
using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(histogram, a_value_counts_below_the_first_bound_that_it_does_not_exceed) {
    DurationHistogram h;
    h.add(microseconds(50));
    h.add(microseconds(51));
    h.add(std::chrono::seconds(11));
    h.add(microseconds(-1));
    const auto counts = h.counts();
    EXPECT_EQ(counts.below[0], 2u);
    EXPECT_EQ(counts.below[1], 1u);
    EXPECT_EQ(counts.below[h.bounds().size()], 1u) << "above the last bound";
    EXPECT_EQ(counts.all(), 4u);
}

TEST(histogram, quantiles_lie_between_the_bounds_and_there_are_none_of_nothing) {
    DurationHistogram h;
    EXPECT_EQ(kmp::service::quantile(h.counts(), h.bounds(), 0.99), 0);
    for (int i = 0; i < 99; ++i) h.add(microseconds(150));
    h.add(milliseconds(8));
    EXPECT_NEAR(kmp::service::quantile(h.counts(), h.bounds(), 0.5), 150'000, 5'000);
    EXPECT_GT(kmp::service::quantile(h.counts(), h.bounds(), 0.995), 7e6);
    h.add(std::chrono::seconds(100));
    EXPECT_EQ(kmp::service::quantile(h.counts(), h.bounds(), 1), 10e9) << "no more is known than that it was above the last bound";
}

TEST(last_minute, forgets_what_is_older_than_sixty_ticks) {
    Metrics m;
    kmp::service::LastMinute minute;
    const auto begin = std::chrono::steady_clock::now();
    m.order(model::Operation::recharge, kmp::service::OrderEnd::done, begin);
    m.order(model::Operation::recharge, kmp::service::OrderEnd::refused, begin);
    EXPECT_EQ(minute.summary(m).orders, 2u);
    EXPECT_EQ(minute.summary(m).refused, 1u);
    for (int i = 0; i < 59; ++i) minute.tick(m);
    EXPECT_EQ(minute.summary(m).orders, 2u);
    minute.tick(m);
    EXPECT_EQ(minute.summary(m).orders, 0u);
    EXPECT_EQ(minute.summary(m).p99_us, 0u);
}

TEST(metrics, a_rule_that_is_not_known_is_other_and_never_a_label) {
    Metrics m;
    m.refusal("per_day");
    m.refusal("meter 000000000042 of Mrs Li");
    m.refusal("");
    const std::string page = kmp::service::expose(m, Figures());
    EXPECT_NE(page.find("kmp_refusals_total{rule=\"per_day\"} 1"), std::string::npos) << page;
    EXPECT_NE(page.find("kmp_refusals_total{rule=\"other\"} 2"), std::string::npos);
    EXPECT_EQ(page.find("Mrs Li"), std::string::npos);
}

TEST(metrics, an_operation_of_a_later_version_is_counted_as_unknown) {
    Metrics m;
    m.request(100'000, std::nullopt);
    m.request(11, base::Code::refused);
    const std::string page = kmp::service::expose(m, Figures());
    EXPECT_NE(page.find("kmp_requests_total{operation=\"unknown\",outcome=\"done\"} 1"), std::string::npos) << page;
    EXPECT_NE(page.find("kmp_requests_total{operation=\"order\",outcome=\"refused\"} 1"), std::string::npos) << page;
}

Figures full_figures() {
    Figures f;
    f.phase = kmp::service::Phase::open;
    f.has_checkpoint = true;
    f.platform_not_after = 4'000'000'000'000;
    f.ukeys = {{"U-0001", "user", true, true}, {"U-0002", "key", false, false}};
    f.readers = {{"ukey", 1}, {"empty", 2}};
    f.standby = Figures::Standby{};
    f.outlets.emplace_back().name = "drop";
    return f;
}

TEST(metrics, promtool_accepts_them) {
    Metrics m;
    m.request(11, std::nullopt);
    m.request_time[11].add(milliseconds(3));
    m.order(model::Operation::recharge, kmp::service::OrderEnd::done, std::chrono::steady_clock::now());
    m.refusal("per_day");
    m.commits.entries.add(7);
    m.ukey_time.add(microseconds(90));
    for (const std::string& page : {kmp::service::expose(m, full_figures()), kmp::service::expose(Metrics(), Figures())}) {
        const TemporaryFolder folder;
        std::ofstream(folder.file("page")) << page;
        const int status = std::system((KMP_SOURCE_DIR "/scripts/promtool check metrics <" + folder.file("page") + " >" + folder.file("said") + " 2>&1").c_str());
        std::stringstream said;
        said << std::ifstream(folder.file("said")).rdbuf();
        EXPECT_EQ(status, 0) << page;
        EXPECT_EQ(said.str(), "");
    }
}

/// Every word of this form in a text.
std::set<std::string> metric_names(const std::string& text, const std::string& before) {
    std::set<std::string> out;
    for (std::size_t at = 0; (at = text.find(before + "kmp_", at)) != std::string::npos;) {
        at += before.size();
        const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at);
        out.insert(text.substr(at, end - at));
        at = end;
    }
    return out;
}

TEST(operation_document, lists_every_metric_and_none_that_is_not_there) {
    std::stringstream text;
    text << std::ifstream(KMP_SOURCE_DIR "/docs/OPERATION.md").rdbuf();
    const std::string document = text.str();
    const std::size_t begin = document.find("| metric | labels | what |"), end = document.find("Alerts worth having");
    ASSERT_NE(begin, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(metric_names(document.substr(begin, end - begin), ""), metric_names(kmp::service::expose(Metrics(), full_figures()), "# HELP "));
}

TEST(health, says_what_an_administrator_must_see_to) {
    kmp::service::Limits limits;
    limits.now = 1'000'000'000'000;
    Figures good = full_figures();
    good.disk_free = good.disk_total = std::uint64_t{100} << 30;
    EXPECT_TRUE(kmp::service::figure_warnings(good, limits).empty());
    EXPECT_EQ(kmp::service::health(good, false), "healthy");
    EXPECT_EQ(kmp::service::health(good, true), "attention");
    const auto warned = [&](const std::function<void(Figures&)>& change, const std::string& says) {
        Figures f = good;
        change(f);
        const auto lines = kmp::service::figure_warnings(f, limits);
        ASSERT_EQ(lines.size(), 1u) << says;
        EXPECT_NE(lines[0].line.find(says), std::string::npos) << lines[0].line;
    };
    warned([](Figures& f) { f.disk_free = std::uint64_t{900} << 20; }, "900 MiB of 102400 MiB left");
    warned([](Figures& f) { f.disk_free = std::uint64_t{4} << 30; }, "4096 MiB of 102400 MiB left");
    warned([](Figures& f) { f.memory_locked = false; }, "LimitMEMLOCK");
    warned([&](Figures& f) { f.platform_not_after = limits.now + base::kSecond; }, "certificate ends on");
    warned([](Figures& f) {
        f.checkpoint_lag = 5;
        f.checkpoint_age = std::chrono::minutes(4);
    }, "no checkpoint for 240 seconds");
    limits.last_event = limits.now + 10 * base::kSecond;
    warned([](Figures&) {}, "the clock is behind the last event");
    limits.last_event = 0;
    Figures reader = good;
    reader.readers["failed"] = 1;
    EXPECT_EQ(kmp::service::health(reader, false), "attention");
    Figures failing = good;
    failing.failing = true;
    EXPECT_EQ(kmp::service::health(failing, false), "failing");
    Figures sealed;
    sealed.disk_free = sealed.disk_total = std::uint64_t{100} << 30;
    EXPECT_EQ(kmp::service::health(sealed, false), "sealed");
    EXPECT_TRUE(kmp::service::figure_warnings(sealed, limits).empty());
}

}  // namespace
