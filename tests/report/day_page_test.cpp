// A day on paper, read back by programs that know nothing of how it was drawn.
#include "report/day_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "audit/review_options.h"
#include "tests/audit/logged.h"
#include "tests/audit/sale_log.h"

namespace {

using namespace sales;
using ::testing::HasSubstr;
using ::testing::Not;

/// What a program says on its standard output.
std::string said(const std::string& command) {
    std::string out;
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "cannot start " + command;
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return out;
}

std::size_t times(const std::string& text, std::string_view what) {
    std::size_t out = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++out;
    return out;
}

struct Paper : ::testing::Test {
    TemporaryFolder folder;
    SaleLog log;
    audit::DayReportPage page;
    std::string pdf = folder.file("day.pdf");

    void draw(const base::Bytes& bytes) {
        const std::string path = folder.file("log.kmpaudit");
        std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        auto file = audit::ExportFile::open(path);
        ASSERT_TRUE(file);
        auto made = audit::report_day(*file, {}, "");
        ASSERT_TRUE(made) << made.error().message;
        page = std::move(*made);
        const auto drawn = report::draw_day(page, kDayOne + base::kHour);
        ASSERT_TRUE(drawn) << drawn.error().message;
        std::ofstream(pdf, std::ios::binary).write(reinterpret_cast<const char*>(drawn->data()), static_cast<std::streamsize>(drawn->size()));
    }
    std::string text() const { return said("pdftotext -layout " + pdf + " -"); }
};

TEST_F(Paper, an_empty_day_fits_one_page_and_says_none) {
    draw(log.exported());
    const std::string got = text();
    EXPECT_THAT(got, HasSubstr("Test Utility"));
    EXPECT_THAT(got, HasSubstr("2025-11-22"));
    EXPECT_THAT(got, HasSubstr("The log is sound"));
    for (const audit::Section& s : page.report.sections) {
        if (s.rows.empty()) { EXPECT_THAT(got, HasSubstr(s.title + ": none")); }
    }
    EXPECT_THAT(got, HasSubstr("page 1 of 1"));
    EXPECT_THAT(got, HasSubstr("SHA-256 " + base::to_hex(base::sha256(log.pki.anchor.der()))));
    EXPECT_THAT(said("pdfinfo " + pdf), HasSubstr("A4"));
}

TEST_F(Paper, a_day_of_which_the_beginning_is_elsewhere_says_so) {
    Logged logged;
    SampleLog whole;
    logged.take(whole, 256);
    whole.now += base::kMinute;
    logged.take(whole, 300);
    draw(logged.exported(whole, 256, 300));
    EXPECT_TRUE(page.lacks_its_beginning());
    EXPECT_THAT(text(), HasSubstr("THE DAY IS NOT WHOLE"));
    EXPECT_THAT(text(), HasSubstr("before record 256 is in NONE of these figures"));
    draw(logged.exported(whole, 0, 300));
    EXPECT_THAT(text(), Not(HasSubstr("NOT WHOLE")));
}

TEST_F(Paper, a_long_table_goes_on_under_its_heading) {
    for (int i = 0; i < 150; ++i) log.add(Event(EventType::configuration).text(Field::note, "setting " + std::to_string(i) + " changed"));
    draw(log.exported());
    const std::string got = text();
    EXPECT_THAT(got, HasSubstr("Service, configuration and keys (150)"));
    EXPECT_GE(times(got, "Service, configuration and keys, continued"), 2u);
    for (int i = 0; i < 150; ++i) EXPECT_THAT(got, HasSubstr("setting " + std::to_string(i) + " changed"));
    const std::string pages = std::to_string(times(got, "\f"));
    EXPECT_THAT(got, HasSubstr("page 1 of " + pages));
    EXPECT_THAT(got, HasSubstr("page " + pages + " of " + pages));
}

TEST_F(Paper, names_may_be_chinese_and_long) {
    const std::string longest(400, 'x');
    log.add(Event(EventType::ukey_issued).text(Field::ukey, "U7").value(Field::ukey_kind, model::UkeyKind::user).text(Field::holder, "王小明").text(Field::station, "s-7"));
    log.add(Event(EventType::configuration).text(Field::note, longest));
    draw(log.exported());
    std::string got = text();
    EXPECT_THAT(got, HasSubstr("王小明"));
    EXPECT_THAT(said("pdffonts " + pdf), HasSubstr("WenQuanYi"));
    EXPECT_GE(times(got, "x"), 400u) << "all of it is there, in several lines";
}

TEST_F(Paper, a_serial_is_found_and_copied_as_it_stands) {
    std::vector<std::string> officers{"OF-9ABCDEF0", "OF-DDDDDDDD", "OF-11111111"};
    for (const char* kind : {"OF-", "MC-", "US-", "KY-", "AU-", "PF-"})
        for (const char letter : std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ")) officers.push_back(kind + std::string(1, letter) + "AVAWATY");
    for (const std::string& officer : officers)
        log.add(Event(EventType::ukey_state_changed).text(Field::ukey, "U1").value(Field::action, model::UkeyAction::suspend).value(Field::state_from, model::UkeyState::issued).value(Field::state_to, model::UkeyState::suspended).text(Field::officer, officer));
    draw(log.exported());
    const std::string got = text();
    for (const std::string& officer : officers) EXPECT_THAT(got, HasSubstr(officer));
}

TEST_F(Paper, a_log_that_is_not_sound_cannot_be_mistaken) {
    base::Bytes bytes = log.exported();
    bytes[bytes.size() / 2] ^= 1;
    draw(bytes);
    const std::string got = text();
    EXPECT_THAT(got, HasSubstr("THE LOG IS NOT SOUND"));
    EXPECT_THAT(got, Not(HasSubstr("The log is sound")));
    EXPECT_THAT(got, HasSubstr(page.verdict.findings.front().rule + ":"));
    // Black on the page: more ink than a sound one has.
    const auto ink = [&] {
        std::size_t dark = 0;
        const std::string picture = said("pdftoppm -gray -r 30 -f 1 -l 1 " + pdf);
        for (const char c : picture.substr(32)) dark += static_cast<unsigned char>(c) < 64;
        return dark;
    };
    const std::size_t loud = ink();
    draw(log.exported());
    EXPECT_GT(loud, 2 * ink());
}

TEST_F(Paper, the_code_holds_the_checkpoint_as_it_was_signed) {
    draw(log.exported());
    (void)said("pdftoppm -r 150 -png -singlefile " + pdf + " " + folder.file("page"));
    EXPECT_EQ(said("zbarimg --nodbus --quiet --raw -Sbinary " + folder.file("page.png")), log.note());
}

TEST_F(Paper, an_export_that_breaks_off_has_no_checkpoint_to_keep) {
    base::Bytes bytes = log.exported();
    bytes.resize(bytes.size() - 40);
    draw(bytes);
    EXPECT_THAT(text(), HasSubstr("Checkpoint: none"));
}

}  // namespace
