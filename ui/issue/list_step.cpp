#include "ui/issue/list_step.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFontDatabase>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QTableView>
#include <QVBoxLayout>
#include <QtConcurrent>

#include "model/ukey.h"
#include "ui/link/after.h"
#include "ui/parts/grant_editor.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::issue {
namespace {

constexpr qint64 kLargestFile = 4 * 1024 * 1024;
const QString kColumns = QStringLiteral("issue_batch/columns");

struct Loaded {
    QString text;
    QString problem;
};

}  // namespace

QTableView* batch_table(BatchModel& rows, QWidget* parent) {
    auto* table = new QTableView(parent);
    table->setObjectName(QStringLiteral("batch"));
    table->setAccessibleName(BatchModel::tr("UKEYs to issue"));
    table->setModel(&rows);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setTabKeyNavigation(false);
    table->setMinimumHeight(150);
    table->horizontalHeader()->setStretchLastSection(true);
    table->horizontalHeader()->setHighlightSections(false);
    if (!table->horizontalHeader()->restoreState(QSettings().value(kColumns).toByteArray())) {
        table->setColumnWidth(BatchModel::holder, 150);
        table->setColumnWidth(BatchModel::station, 110);
        table->setColumnWidth(BatchModel::caps, 220);
        table->setColumnWidth(BatchModel::reader, 80);
    }
    QObject::connect(table->horizontalHeader(), &QHeaderView::sectionResized, table, [table] { QSettings().setValue(kColumns, table->horizontalHeader()->saveState()); });
    return table;
}

TemplateStep::TemplateStep(BatchPlan& plan, QWidget* parent)
    : Step(tr("What may they do?"), tr("It holds for every UKEY of the list. A row may have a station, caps and other terms of its own."), parent), plan_(plan), user_(new QRadioButton(tr("&User UKEYs, for stations that sell"), this)),
      key_(new QRadioButton(tr("&Key UKEYs, for meter engineers"), this)), grant_(new parts::GrantEditor(this)) {
    user_->setObjectName(QStringLiteral("batch_user"));
    key_->setObjectName(QStringLiteral("batch_key"));
    (plan_.kind == "key" ? key_ : user_)->setChecked(true);
    grant_->leave_station_out();
    const auto kind = plan_.kind == "key" ? model::UkeyKind::key : model::UkeyKind::user;
    if (plan_.terms.operations().empty()) grant_->set_kind(kind);
    else grant_->set_terms(kind, plan_.terms);
    column()->addWidget(user_, 0, Qt::AlignLeft);
    column()->addWidget(key_, 0, Qt::AlignLeft);
    column()->addWidget(grant_);
    column()->addStretch(1);
    connect(key_, &QRadioButton::toggled, this, [this](bool key) {
        grant_->set_kind(key ? model::UkeyKind::key : model::UkeyKind::user);
        take();
    });
    connect(grant_, &parts::GrantEditor::changed, this, &TemplateStep::take);
    take();
}

QString TemplateStep::missing() const { return grant_->problem(); }

void TemplateStep::take() {
    plan_.kind = key_->isChecked() ? "key" : "user";
    plan_.terms = grant_->terms();
    plan_.terms.clear_station();
    emit changed();
}

ListStep::ListStep(BatchPlan& plan, BatchModel& rows, QWidget* parent)
    : Step(tr("Who gets one?"), tr("A row for each: holder, station, caps of an order, a day and a month. Paste it from a spreadsheet, or load a CSV file. A first line may name the columns, as kmpctl has them."), parent), plan_(plan), rows_(rows),
      text_(new QPlainTextEdit(this)), table_(batch_table(rows, this)), trouble_(new parts::Notice(this)) {
    text_->setObjectName(QStringLiteral("batch_list"));
    text_->setAccessibleName(tr("The list"));
    text_->setPlaceholderText(QStringLiteral("holder,station,per-order,per-day\nHan Meimei,station-1,500,5000\nLi Lei,station-2,,"));
    text_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    text_->setTabChangesFocus(true);
    text_->setLineWrapMode(QPlainTextEdit::NoWrap);
    text_->setMaximumHeight(130);
    text_->setPlainText(plan_.list);
    auto* load_button = new QPushButton(tr("&Load a file …"), this);
    load_button->setAutoDefault(false);
    column()->addWidget(text_);
    column()->addWidget(load_button, 0, Qt::AlignLeft);
    column()->addWidget(trouble_);
    column()->addWidget(table_, 1);
    connect(text_, &QPlainTextEdit::textChanged, this, &ListStep::read);
    connect(load_button, &QPushButton::clicked, this, &ListStep::load);
}

QWidget* ListStep::first_field() { return text_; }

void ListStep::imagine() { text_->setPlainText(QStringLiteral("holder,station,per-order,per-day\nSun Li,west-gate,500,5000\nZhou Ping,east-gate,500,8000\nWu Gang,dormitory-3,,\n")); }

QString ListStep::missing() const { return unreadable_.isEmpty() ? rows_.problem() : unreadable_; }

void ListStep::read() {
    plan_.list = text_->toPlainText();
    const QByteArray list = plan_.list.toUtf8();
    auto rows = read_batch({reinterpret_cast<const std::uint8_t*>(list.constData()), static_cast<std::size_t>(list.size())}, plan_.kind, plan_.terms);
    unreadable_ = rows || plan_.list.trimmed().isEmpty() ? QString() : tr("The list cannot be read.");
    if (unreadable_.isEmpty()) trouble_->say(parts::Tone::plain, {});
    else trouble_->say(rows.error());
    rows_.set(rows ? std::move(*rows) : std::vector<BatchRow>());
    table_->setColumnHidden(BatchModel::station, plan_.kind == "key");
    table_->setColumnHidden(BatchModel::caps, plan_.kind == "key");
    table_->setColumnHidden(BatchModel::reader, std::ranges::all_of(rows_.rows(), [](const BatchRow& r) { return r.reader.isEmpty(); }));
    emit changed();
}

void ListStep::load() {
    auto* dialog = new QFileDialog(this, tr("Load a list"), QDir::homePath(), tr("Lists (*.csv *.txt *.tsv);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& name) {
        link::after(QtConcurrent::run([name]() -> Loaded {
            QFile file(name);
            if (!file.open(QIODevice::ReadOnly)) return {{}, file.errorString()};
            if (file.size() > kLargestFile) return {{}, tr("It is larger than 4 MiB.")};
            return {QString::fromUtf8(file.readAll()), {}};
        }), this, [this](const Loaded& loaded) {
            if (loaded.problem.isEmpty()) return text_->setPlainText(loaded.text);
            trouble_->say(parts::Tone::bad, tr("The file could not be read."), tr("Choose another one."), loaded.problem);
        });
    });
    dialog->open();
}

}  // namespace ui::issue
