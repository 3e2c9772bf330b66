#include "ui/review/charts_view.h"

#include <QComboBox>
#include <QDateEdit>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <numeric>

#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/scrolled.h"
#include "ui/parts/words.h"
#include "ui/parts/working.h"
#include "ui/review/chart_pane.h"

namespace ui::review {

using parts::Tone;

namespace {

constexpr int kPeriods[] = {7, 30, 90, 365};  // days, today the last of them; behind them stands "chosen"
constexpr int kUsual = 1;
constexpr std::size_t kMostCodes = 4;         // of a chart: more colours are not told apart
constexpr std::size_t kMostStations = 16;

std::int64_t signed_of(std::uint64_t n) { return static_cast<std::int64_t>(n); }

}  // namespace

ChartsView::ChartsView(link::Link& link, QWidget* parent) : QWidget(parent), reader_(link, this) {
    auto* outer = new QVBoxLayout(this);
    auto* top = new QHBoxLayout;
    period_ = new QComboBox(this);
    period_->setObjectName(QStringLiteral("period"));
    period_->setAccessibleName(tr("Period"));
    for (const int days : kPeriods) period_->addItem(tr("Last %1 days").arg(days));
    period_->addItem(tr("From … to …"));
    period_->setCurrentIndex(kUsual);
    from_ = new QDateEdit(this);
    until_ = new QDateEdit(this);
    from_->setAccessibleName(tr("First day"));
    until_->setAccessibleName(tr("Last day"));
    for (QDateEdit* e : {from_, until_}) {
        e->setCalendarPopup(true);
        e->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
    }
    read_ = new QPushButton(tr("&Show"), this);
    read_->setObjectName(QStringLiteral("read"));
    extent_ = new QLabel(this);
    extent_->setObjectName(QStringLiteral("extent"));
    parts::set_tone(*extent_, Tone::muted);
    auto* label = new QLabel(tr("&Period"), this);
    label->setBuddy(period_);
    top->addWidget(label);
    top->addWidget(period_);
    top->addWidget(from_);
    top->addWidget(until_);
    top->addWidget(read_);
    top->addWidget(extent_, 1);
    outer->addLayout(top);
    auto* whose = new QLabel(tr("These are the service's own figures, not verified. A daily report has verified ones."), this);
    whose->setWordWrap(true);
    parts::set_tone(*whose, Tone::muted);
    outer->addWidget(whose);
    working_ = new parts::Working(this);
    notice_ = new parts::Notice(this);
    outer->addWidget(working_);
    outer->addWidget(notice_);

    QVBoxLayout* column = parts::scrolled(*outer, this);
    QWidget* inside = column->parentWidget();
    issued_ = new ChartPane(tr("UKEYs issued and revoked"), QStringLiteral("issued"), tr("No UKEY was issued or revoked in this period."), inside);
    sales_ = new ChartPane(tr("Sales of each station, in yuan"), QStringLiteral("sales"), tr("Nothing was sold in this period."), inside);
    denials_ = new ChartPane(tr("Denials by code"), QStringLiteral("denials"), tr("Nothing was denied in this period."), inside);
    for (ChartPane* pane : {issued_, sales_, denials_}) {
        column->addWidget(pane);
        pane->set_note(whose->text());
        pane->hide();
        connect(pane, &ChartPane::said, this, [this](bool good, const QString& text) { notice_->say(good ? Tone::good : Tone::bad, text); });
    }
    column->addStretch(1);

    connect(period_, &QComboBox::currentIndexChanged, this, &ChartsView::choose_period);
    for (QDateEdit* e : {from_, until_}) connect(e, &QDateEdit::dateChanged, this, &ChartsView::look);
    connect(read_, &QPushButton::clicked, this, &ChartsView::read);
    connect(working_, &parts::Working::cancelled, &reader_, &TallyReader::cancel);
    connect(&reader_, &TallyReader::progressed, this, [this](quint64 events, quint64 at, quint64 of) { working_->say(tr("%1 events read").arg(parts::number(events)), at, of); });
    connect(&reader_, &TallyReader::finished, this, &ChartsView::take);
    connect(&reader_, &TallyReader::failed, this, [this](const base::Error& error) {
        working_->end();
        notice_->say(error);
        look();
    });
    look();
}

void ChartsView::set_utility(const Utility& utility) {
    utility_ = utility;
    const QDate today = utility.day_of(base::SystemClock().now());
    for (QDateEdit* e : {from_, until_}) e->setMaximumDate(today);
    set_days();
    look();
}

void ChartsView::read_first() {
    if (!read_once_ && utility_.begins != 0) read();
}

void ChartsView::set_days() {
    const int number = period_->currentIndex();
    const bool chosen = number >= static_cast<int>(std::size(kPeriods));
    from_->setVisible(chosen);
    until_->setVisible(chosen);
    if (chosen || utility_.begins == 0) return;
    const QDate today = utility_.day_of(base::SystemClock().now());
    until_->setDate(today);
    from_->setDate(today.addDays(1 - kPeriods[number]));
}

void ChartsView::choose_period(int number) {
    set_days();
    if (read_once_ && number < static_cast<int>(std::size(kPeriods))) read();
    look();
}

void ChartsView::look() {
    parts::offer(*read_, reader_.is_running() ? tr("The log is being read just now.") : utility_.begins == 0 ? tr("It is not known yet where the log begins.") : from_->date() > until_->date() ? tr("The last day is before the first.") : QString());
    period_->setEnabled(!reader_.is_running());
}

void ChartsView::read() {
    if (reader_.is_running() || from_->date() > until_->date()) return;
    read_once_ = true;
    notice_->say(Tone::plain, {});
    working_->say(tr("Reading the log"));
    reader_.start(utility_, from_->date(), until_->date());
    look();
}

void ChartsView::take(const TallyReader::Read& read) {
    working_->end();
    const Tally& t = read.tally;
    extent_->setText(tr("%1 events read; days of %2").arg(parts::number(read.events), utility_.zone()));
    QStringList gaps;
    if (read.archived > 0) gaps << tr("Events before %1 are in the archive and are not counted.").arg(parts::number(read.archived));
    if (read.reached != 0) gaps << tr("More than %1 events would have to be read: what came after %2 is not counted. Choose a shorter period.").arg(parts::number(TallyReader::kMost), parts::moment(read.reached));
    if (read.voids_missing) gaps << tr("Not all voids that came after the period were read.");
    if (!gaps.isEmpty()) notice_->say(read.reached != 0 || read.voids_missing ? Tone::attention : Tone::muted, gaps.join(QLatin1Char('\n')));
    for (ChartPane* pane : {issued_, sales_, denials_}) pane->show();
    show_issued(t);
    show_sales(t);
    show_denials(t);
    look();
}

QStringList ChartsView::names_of(const Tally& tally) const {
    QStringList out;
    const bool years = tally.from().year() != tally.until().year();
    for (const QDate day : tally.bins()) out << day.toString(tally.step() == Tally::Step::month ? QStringLiteral("yyyy-MM") : years ? QStringLiteral("yyyy-MM-dd") : QStringLiteral("MM-dd"));
    return out;
}

QString ChartsView::first_column(const Tally& tally) const {
    switch (tally.step()) {
        case Tally::Step::day: return tr("Day");
        case Tally::Step::week: return tr("Week from");
        case Tally::Step::month: return tr("Month");
    }
    return {};
}

void ChartsView::show_issued(const Tally& t) {
    ChartPane::Bars bars{names_of(t), {{tr("Issued"), 0, {}}, {tr("Revoked"), 3, {}}}, false};
    std::vector<FiguresModel::Row> rows;
    for (std::size_t i = 0; i < t.bins().size(); ++i) {
        const Issued& n = t.issued()[i];
        bars.series[0].values.push_back(static_cast<double>(n.issued));
        bars.series[1].values.push_back(static_cast<double>(n.revoked));
        rows.push_back({t.bins()[i].toString(Qt::ISODate), {signed_of(n.issued), signed_of(n.revoked)}});
    }
    issued_->show_figures(std::move(bars), {{first_column(t)}, {tr("Issued")}, {tr("Revoked")}}, std::move(rows));
}

void ChartsView::show_sales(const Tally& t) {
    std::vector<std::pair<QString, model::Sums>> all(t.sales().begin(), t.sales().end());
    std::ranges::stable_sort(all, [](const auto& a, const auto& b) { return a.second.net() > b.second.net(); });
    ChartPane::Bars bars{{}, {{tr("Net"), 0, {}}}, false};
    std::vector<FiguresModel::Row> rows;
    for (const auto& [station, s] : all) {
        rows.push_back({station, {signed_of(s.orders), s.gross, signed_of(s.voids), s.voided, s.refunded, s.net()}});
        // The best are drawn, the table has all.
        if (static_cast<std::size_t>(bars.names.size()) == kMostStations) continue;
        bars.names << station;
        bars.series[0].values.push_back(static_cast<double>(s.net()) / 100.0);
    }
    sales_->show_figures(std::move(bars), {{tr("Station")}, {tr("Orders")}, {tr("Sold"), true}, {tr("Voids")}, {tr("Voided"), true}, {tr("Refunded"), true}, {tr("Net"), true}}, std::move(rows));
}

void ChartsView::show_denials(const Tally& t) {
    std::vector<std::pair<QString, std::vector<std::uint64_t>>> all(t.denials().begin(), t.denials().end());
    const auto sum = [](const auto& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); };
    std::ranges::stable_sort(all, [&](const auto& a, const auto& b) { return sum(a.second) > sum(b.second); });
    ChartPane::Bars bars{names_of(t), {}, true};
    std::vector<FiguresModel::Column> columns{{first_column(t)}};
    for (std::size_t c = 0; c < all.size(); ++c) {
        const QString code = parts::code_word(parts::bytes(all[c].first));
        columns.push_back({code});
        if (c >= kMostCodes) {
            if (c == kMostCodes) bars.series.push_back({tr("others"), static_cast<int>(kMostCodes), std::vector<double>(t.bins().size())});
            for (std::size_t i = 0; i < t.bins().size(); ++i) bars.series.back().values[i] += static_cast<double>(all[c].second[i]);
            continue;
        }
        bars.series.push_back({code, static_cast<int>(c), {}});
        for (const std::uint64_t n : all[c].second) bars.series.back().values.push_back(static_cast<double>(n));
    }
    std::vector<FiguresModel::Row> rows;
    for (std::size_t i = 0; i < t.bins().size(); ++i) {
        FiguresModel::Row row{t.bins()[i].toString(Qt::ISODate), {}};
        for (const auto& [code, counts] : all) row.numbers.push_back(signed_of(counts[i]));
        rows.push_back(std::move(row));
    }
    denials_->show_figures(std::move(bars), std::move(columns), std::move(rows));
}

}  // namespace ui::review
