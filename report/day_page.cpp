#include "report/day_page.h"

#include <algorithm>

#include "cli/table.h"
#include "report/canvas.h"

namespace report {
namespace {

using audit::Section;

constexpr double kGap = 5;         ///< between columns
constexpr double kRowPad = 2;
constexpr std::size_t kMostFindings = 6;

constexpr Style kBody{8.5}, kSmall{7.5, false, false, 0.25}, kHead{7.5, true}, kTitle{10.5, true}, kNone{9, true}, kMono{7.5, false, true}, kSum{8.5, true};

/// Draws the report once. How many pages there are is known only after that: it is drawn twice.
class DayPage {
public:
    DayPage(Canvas& canvas, const audit::DayReportPage& page, base::Millis made, unsigned pages) : c_(canvas), p_(page), r_(page.report), made_(made), pages_(pages) {}
    /// How many pages it took.
    base::Result<unsigned> draw();

private:
    void head();
    void verdict();
    std::string verified() const;
    void figures();
    void section(const Section& s);
    std::vector<double> widths(const Section& s) const;
    void columns(const Section& s, const std::vector<double>& wide);
    double row_height(const Section& s, const std::vector<double>& wide, std::size_t row);
    void row(const Section& s, const std::vector<double>& wide, std::size_t row);
    base::Status checkpoint();
    void signature();
    /// Goes to a new page unless so much fits on this one.
    bool room(double high);
    void end_page();

    Canvas& c_;
    const audit::DayReportPage& p_;
    const audit::DayReport& r_;
    base::Millis made_;
    unsigned pages_;
    unsigned page_ = 1;
    double y_ = kMargin;
};

void DayPage::end_page() {
    const double y = kPageHeight - kMargin - 10;
    c_.line(kMargin, y - 4, kMargin + kWidth, 0.5, 0.5);
    c_.text(kMargin, y, kWidth * 0.8, r_.origin + " · " + r_.date + " · made " + r_.time.text(made_) + " (" + r_.time.zone() + ")", kSmall);
    Style right = kSmall;
    right.align = Style::Align::right;
    c_.text(kMargin + kWidth * 0.8, y, kWidth * 0.2, "page " + std::to_string(page_) + " of " + std::to_string(pages_), right);
    c_.end_page();
}

bool DayPage::room(double high) {
    if (y_ + high <= kBottom) return true;
    end_page();
    ++page_;
    y_ = kMargin;
    return false;
}

void DayPage::head() {
    Style day{20, true};
    day.align = Style::Align::right;
    c_.text(kMargin + kWidth * 0.6, y_, kWidth * 0.4, r_.date, day);
    y_ += c_.text(kMargin, y_, kWidth * 0.6, r_.utility, {15, true}) + 1;
    y_ += c_.text(kMargin, y_, kWidth * 0.6, "Auditor's daily report of the key management platform", kBody) + 1;
    Style right = kSmall;
    right.align = Style::Align::right;
    const bool over = r_.newest >= r_.day.until;
    std::string which = over ? "The utility's day (" + r_.time.zone() + ")" : "THE DAY IS NOT OVER: newest event " + r_.time.text(r_.newest);
    if (p_.lacks_its_beginning()) which = "THE DAY IS NOT WHOLE: oldest event " + r_.time.text(p_.verdict.first_time) + (over ? "" : ", newest " + r_.time.text(r_.newest));
    c_.text(kMargin + kWidth * 0.5, y_, kWidth * 0.5, which, right);
    y_ += c_.text(kMargin, y_, kWidth * 0.5, "Log " + r_.origin, kSmall) + 8;
}

std::string DayPage::verified() const {
    const audit::Verdict& v = p_.verdict;
    std::string out = v.first == 0 ? "Checked: the whole log, " + cli::grouped(v.size) + " records" : "Checked: records " + cli::grouped(v.first) + " up to " + cli::grouped(v.size);
    out += "; format, order, hash tree, signatures and certificates";
    out += v.rules_replayed ? ", and every rule of the platform replayed from the first event on." : ". The rules of the platform were NOT replayed: that takes the whole log. Requests and holds from before these records are not told.";
    if (p_.lacks_its_beginning()) out += " What this day had before record " + cli::grouped(v.first) + " is in NONE of these figures: it is in an archive segment or another export.";
    if (v.rules_replayed && !v.deeds_from) out += " The log never owes signatures of deeds: whose word UKEYs and keys came of it does not show.";
    out += "\nTrust anchor SHA-256 " + v.anchor_fingerprint + (v.anchor_from_export ? ", taken from the log itself: compare it with the one in the minutes of the ceremony." : ", as it was given.");
    out += "\nCheckpoint signed by " + (v.signed_by.empty() ? "a key that is not known" : v.signed_by) + ". ";
    if (!p_.known_size) return out + "No earlier checkpoint was given: only one kept outside shows that nothing was taken back.";
    return out + "Held against an earlier checkpoint over " + cli::grouped(*p_.known_size) + " records" + (v.sound ? ": the log still holds all of them unchanged." : ".");
}

void DayPage::verdict() {
    const audit::Verdict& v = p_.verdict;
    const double inside = kWidth - 20;
    const Style word{v.sound ? 14.0 : 22.0, true, false, v.sound ? 0.0 : 1.0, v.sound ? Style::Align::left : Style::Align::centre};
    const Style body{8, false, false, v.sound ? 0.0 : 1.0};
    std::string words = v.sound ? "The log is sound" : "THE LOG IS NOT SOUND";
    std::string below = verified();
    if (!v.sound) {
        below = cli::grouped(v.finding_count) + (v.finding_count == 1 ? " finding" : " findings") + ". Nothing on this report proves anything until they are explained. Keep this log and every checkpoint as they are, and call in whoever answers for the platform.\n";
        for (std::size_t i = 0; i < v.findings.size() && i < kMostFindings; ++i)
            below += "• " + (v.findings[i].index ? "record " + std::to_string(*v.findings[i].index) + ": " : std::string()) + v.findings[i].rule + ": " + v.findings[i].message + "\n";
        if (v.finding_count > kMostFindings) below += "• and " + cli::grouped(v.finding_count - kMostFindings) + " more (kmp-audit verify tells all)\n";
        below += verified();
    }
    const double high = c_.height(inside, words, word) + c_.height(inside, below, body) + 18;
    if (!v.sound) c_.fill(kMargin, y_, kWidth, high, 0);
    c_.frame(kMargin, y_, kWidth, high, v.sound ? 1 : 4);
    double y = y_ + 7;
    y += c_.text(kMargin + 10, y, inside, words, word) + 3;
    c_.text(kMargin + 10, y, inside, below, body);
    y_ += high + 9;
}

void DayPage::figures() {
    constexpr std::size_t kAcross = 7;
    const double wide = kWidth / kAcross, high = 31;
    for (std::size_t i = 0; i < r_.figures.size(); ++i) {
        const audit::KeyFigure& f = r_.figures[i];
        const double x = kMargin + static_cast<double>(i % kAcross) * wide, y = y_ + static_cast<double>(i / kAcross) * (high + 3);
        const std::string number = f.cell.text(r_.time, r_.day);
        // What ought to be nothing and is not stands out on any printer.
        if (f.alarming) c_.fill(x, y, wide - 3, high, 0);
        c_.frame(x, y, wide - 3, high, 0.5);
        const double ink = f.alarming ? 1 : 0;
        double size = 13;
        while (size > 7 && c_.height(wide - 7, number, {size, true}) > size * 1.6) size -= 0.5;
        c_.text(x, y + 3 + (13 - size) / 2, wide - 3, (f.alarming ? "! " : "") + number, {size, true, false, ink, Style::Align::centre});
        c_.text(x, y + 19.5, wide - 3, f.title, {7, false, false, ink, Style::Align::centre});
    }
    y_ += static_cast<double>((r_.figures.size() + kAcross - 1) / kAcross) * (high + 3) + 6;
}

std::vector<double> DayPage::widths(const Section& s) const {
    double weights = 0;
    for (const auto& column : s.columns) weights += column.weight;
    std::vector<double> out;
    for (const auto& column : s.columns) out.push_back(kWidth * column.weight / weights);
    return out;
}

void DayPage::columns(const Section& s, const std::vector<double>& wide) {
    double x = kMargin, high = 0;
    for (std::size_t i = 0; i < wide.size(); ++i) {
        Style style = kHead;
        style.align = s.columns[i].number ? Style::Align::right : Style::Align::left;
        high = std::max(high, c_.text(x, y_, wide[i] - kGap, s.columns[i].title, style));
        x += wide[i];
    }
    y_ += high + 1.5;
    c_.line(kMargin, y_, kMargin + kWidth, 0.8);
    y_ += kRowPad;
}

double DayPage::row_height(const Section& s, const std::vector<double>& wide, std::size_t row) {
    double high = 0;
    for (std::size_t i = 0; i < wide.size(); ++i) high = std::max(high, c_.height(wide[i] - kGap, s.rows[row][i].text(r_.time, r_.day), kBody));
    return high + 2 * kRowPad;
}

void DayPage::row(const Section& s, const std::vector<double>& wide, std::size_t number) {
    const bool sum = s.has_sum && number + 1 == s.rows.size();
    double x = kMargin;
    const double high = row_height(s, wide, number);
    if (sum) c_.line(kMargin, y_ - kRowPad / 2, kMargin + kWidth, 0.8);
    for (std::size_t i = 0; i < wide.size(); ++i) {
        Style style = sum ? kSum : kBody;
        style.align = s.columns[i].number ? Style::Align::right : Style::Align::left;
        c_.text(x, y_, wide[i] - kGap, s.rows[number][i].text(r_.time, r_.day), style);
        x += wide[i];
    }
    y_ += high;
    if (!sum) c_.line(kMargin, y_ - kRowPad, kMargin + kWidth, 0.25, 0.7);
}

void DayPage::section(const Section& s) {
    const std::vector<double> wide = widths(s);
    // A title never stands alone at the foot of a page.
    room(s.rows.empty() ? 14 : 34 + row_height(s, wide, 0));
    if (s.rows.empty()) {
        y_ += c_.text(kMargin, y_, kWidth, s.title + ": none", kNone) + 3;
        return;
    }
    y_ += 2;
    const std::size_t count = s.rows.size() - (s.has_sum ? 1 : 0);
    // A row of these stands for more than one.
    const bool summed = s.key == "sales" || s.key == "denials" || s.key == "pin_failures";
    y_ += c_.text(kMargin, y_, kWidth, s.title + (summed ? "" : " (" + cli::grouped(count) + ")"), kTitle) + 3;
    columns(s, wide);
    for (std::size_t i = 0; i < s.rows.size(); ++i) {
        if (!room(row_height(s, wide, i))) {
            y_ += c_.text(kMargin, y_, kWidth, s.title + ", continued", kTitle) + 3;
            columns(s, wide);
        }
        row(s, wide, i);
    }
    y_ += 7;
}

base::Status DayPage::checkpoint() {
    const double left = kWidth * 0.68;
    if (p_.checkpoint.empty()) {
        room(30);
        y_ += c_.text(kMargin, y_, kWidth, "Checkpoint: none, the log breaks off before it", kTitle) + 6;
        return {};
    }
    KMP_TRY(const qr::Matrix matrix, qr::encode(p_.checkpoint));
    constexpr double kModule = 2;  // points: 0.7 mm, which a telephone reads off paper
    const double side = std::min(kWidth * 0.5, (matrix.side() + 2 * qr::kQuietZone) * kModule);
    const std::string why = "Keep this page outside the machine. With it, whoever verifies a later export (--checkpoint) sees whether anything that this report rests on was changed or taken back since. The code holds the text as it stands.";
    const double text = c_.height(kWidth - side - 10, p_.checkpoint, kMono) + c_.height(kWidth - side - 10, why, kSmall) + 6;
    room(20 + std::max(side, text));
    y_ += c_.text(kMargin, y_, left, "Checkpoint over " + cli::grouped(p_.verdict.size) + " records", kTitle) + 3;
    c_.symbol(kMargin + kWidth - side, y_, side, matrix);
    double y = y_ + 4;
    y += c_.text(kMargin, y, kWidth - side - 10, p_.checkpoint, kMono) + 4;
    y += c_.text(kMargin, y, kWidth - side - 10, why, kSmall);
    y_ = std::max(y_ + side, y) + 8;
    return {};
}

void DayPage::signature() {
    room(30);
    y_ += 16;
    c_.line(kMargin, y_, kMargin + kWidth * 0.45, 0.5);
    c_.line(kMargin + kWidth * 0.55, y_, kMargin + kWidth, 0.5);
    c_.text(kMargin, y_ + 2, kWidth * 0.45, "Read by", kSmall);
    c_.text(kMargin + kWidth * 0.55, y_ + 2, kWidth * 0.45, "On", kSmall);
}

base::Result<unsigned> DayPage::draw() {
    head();
    verdict();
    figures();
    for (const Section& s : r_.sections) section(s);
    y_ += c_.text(kMargin, y_, kWidth, "Sales stand under the day they were permitted on, as the caps count them; voids of these orders are taken off whenever they came. Everything else stands under the day it was recorded on.", kSmall) + 8;
    KMP_CHECK(checkpoint());
    signature();
    end_page();
    return page_;
}

}  // namespace

base::Result<base::Bytes> draw_day(const audit::DayReportPage& page, base::Millis made) {
    const std::string title = page.report.utility + ": auditor's daily report, " + page.report.date;
    unsigned pages = 0;
    {
        KMP_TRY(Canvas trial, Canvas::make(title, made));
        KMP_TRY(pages, DayPage(trial, page, made, 99).draw());
    }
    KMP_TRY(Canvas canvas, Canvas::make(title, made));
    KMP_TRY(pages, DayPage(canvas, page, made, pages).draw());
    return canvas.finish();
}

}  // namespace report
