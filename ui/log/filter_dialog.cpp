#include "ui/log/filter_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;

constexpr int kTypeRole = Qt::UserRole;

std::vector<std::string> split(const QString& typed) {
    std::vector<std::string> out;
    for (const QString& one : typed.split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (const QString value = one.trimmed(); !value.isEmpty()) out.push_back(value.toStdString());
    return out;
}

QString joined(const std::vector<std::string>& values) {
    QStringList out;
    for (const std::string& v : values) out << text(v);
    return out.join(QStringLiteral(", "));
}

/// Typed freely; what is wanted often is offered.
QComboBox* time_box(const QStringList& spans, const QString& name, const QString& says, QWidget* parent) {
    auto* out = new QComboBox(parent);
    out->setEditable(true);
    out->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    out->addItem({});
    out->addItems(spans);
    out->setObjectName(name);
    out->setAccessibleName(says);
    out->setToolTip(FilterDialog::tr("A day as 2026-11-23, a time as 2026-11-23 14:05, or a length before now: 7d, 12h, 30m"));
    out->lineEdit()->setPlaceholderText(FilterDialog::tr("any time"));
    return out;
}

}  // namespace

FilterDialog::FilterDialog(const SearchText& search, QWidget* parent) : QDialog(parent), wrong_(new parts::Notice(this)), text_(search.text) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(tr("Filter"));
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    auto* heading = new QLabel(tr("Which events?"), this);
    parts::make_heading(*heading, 2);
    auto* hint = new QLabel(tr("Of several values of one kind any will do; different kinds must all fit. Separate several values by commas."), this);
    hint->setWordWrap(true);
    parts::set_tone(*hint, parts::Tone::muted);
    auto* row = new QHBoxLayout;
    row->setSpacing(18);
    row->addWidget(make_fields(), 3);
    row->addWidget(make_types(), 2);
    auto* buttons = new QDialogButtonBox(this);
    auto* show = buttons->addButton(tr("Show events"), QDialogButtonBox::AcceptRole);
    auto* none = buttons->addButton(tr("Clear all"), QDialogButtonBox::ResetRole);
    buttons->addButton(QDialogButtonBox::Cancel);
    show->setObjectName(QStringLiteral("show"));
    none->setObjectName(QStringLiteral("clear"));
    show->setDefault(true);
    none->setAutoDefault(false);
    column->addWidget(heading);
    column->addWidget(hint);
    column->addLayout(row, 1);
    column->addWidget(wrong_);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &FilterDialog::finish);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(none, &QPushButton::clicked, this, &FilterDialog::clear);
    resize(780, 520);
    fill(search);
    from_->setFocus();
}

QWidget* FilterDialog::make_fields() {
    auto* out = new QWidget(this);
    auto* form = new QFormLayout(out);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    from_ = time_box({QStringLiteral("1h"), QStringLiteral("12h"), QStringLiteral("7d"), QStringLiteral("30d")}, QStringLiteral("filter_from"), label_of("from"), out);
    until_ = time_box({QStringLiteral("1h"), QStringLiteral("12h"), QStringLiteral("7d")}, QStringLiteral("filter_until"), label_of("until"), out);
    form->addRow(label_of("from"), from_);
    form->addRow(label_of("until"), until_);
    const auto line = [&](const std::string& name, const QString& example) {
        auto* field = new QLineEdit(out);
        field->setObjectName(QStringLiteral("filter_") + text(name));
        field->setAccessibleName(label_of(name));
        field->setPlaceholderText(example);
        lines_[name] = field;
        return field;
    };
    form->addRow(label_of("ukey"), line("ukey", tr("serial, as US-EF0D5D8B")));
    form->addRow(label_of("station"), line("station", tr("its name")));
    form->addRow(label_of("meter"), line("meter", tr("12 digits")));
    form->addRow(label_of("account"), line("account", tr("its name")));
    form->addRow(label_of("order"), line("order", tr("its id")));
    form->addRow(label_of("actor"), line("actor", tr("word for word, as uid 1000 (pid 4711)")));
    auto* amounts = new QHBoxLayout;
    amounts->addWidget(line("amount_from", tr("at least")));
    amounts->addWidget(new QLabel(QStringLiteral("–"), out));
    amounts->addWidget(line("amount_to", tr("at most")));
    form->addRow(tr("Amount (yuan)"), amounts);
    auto* endings = new QVBoxLayout;
    endings->setSpacing(2);
    for (const char* outcome : {"done", "refused", "undone", "unknown"}) {
        auto* box = new QCheckBox(parts::outcome_word(outcome), out);
        box->setObjectName(QStringLiteral("outcome_") + QLatin1String(outcome));
        outcomes_[outcome] = box;
        endings->addWidget(box);
    }
    form->addRow(label_of("outcome"), endings);
    return out;
}

QWidget* FilterDialog::make_types() {
    auto* out = new QWidget(this);
    auto* column = new QVBoxLayout(out);
    column->setContentsMargins(0, 0, 0, 0);
    auto* label = new QLabel(tr("T&ypes"), out);
    types_ = new QTreeWidget(out);
    types_->setObjectName(QStringLiteral("filter_types"));
    types_->setAccessibleName(tr("Types of events"));
    types_->setHeaderHidden(true);
    label->setBuddy(types_);
    for (const TypeGroup& group : type_groups()) {
        auto* top = new QTreeWidgetItem(types_, {group.title});
        top->setFlags(top->flags() | Qt::ItemIsUserCheckable | Qt::ItemIsAutoTristate);
        for (const std::string& type : group.types) {
            auto* item = new QTreeWidgetItem(top, {parts::event_word(type)});
            item->setData(0, kTypeRole, text(type));
            item->setToolTip(0, text(type));
            item->setFlags((item->flags() | Qt::ItemIsUserCheckable) & ~Qt::ItemIsAutoTristate);
            item->setCheckState(0, Qt::Unchecked);
        }
    }
    column->addWidget(label);
    column->addWidget(types_, 1);
    return out;
}

void FilterDialog::fill(const SearchText& search) {
    from_->setEditText(shown_time(search.from));
    until_->setEditText(shown_time(search.until));
    for (const auto& list : kmp::searches::kSearchLists)
        if (const auto at = lines_.find(list.name); at != lines_.end()) at->second->setText(joined(search.*list.values));
    for (const auto& one : kmp::searches::kSearchValues)
        if (const auto at = lines_.find(one.name); at != lines_.end()) at->second->setText(text(search.*one.value));
    for (const auto& [outcome, box] : outcomes_) box->setChecked(std::ranges::find(search.outcomes, outcome) != search.outcomes.end());
    for (int g = 0; g < types_->topLevelItemCount(); ++g) {
        QTreeWidgetItem* group = types_->topLevelItem(g);
        bool any = false;
        for (int i = 0; i < group->childCount(); ++i) {
            const bool on = std::ranges::find(search.types, group->child(i)->data(0, kTypeRole).toString().toStdString()) != search.types.end();
            group->child(i)->setCheckState(0, on ? Qt::Checked : Qt::Unchecked);
            any = any || on;
        }
        group->setExpanded(any);
    }
}

SearchText FilterDialog::read() const {
    SearchText out;
    out.text = text_;
    out.from = kept_time(from_->currentText(), false);
    out.until = kept_time(until_->currentText(), true);
    for (const auto& list : kmp::searches::kSearchLists)
        if (const auto at = lines_.find(list.name); at != lines_.end()) out.*list.values = split(at->second->text());
    for (const auto& one : kmp::searches::kSearchValues)
        if (const auto at = lines_.find(one.name); at != lines_.end()) out.*one.value = at->second->text().trimmed().toStdString();
    for (const char* outcome : {"done", "refused", "undone", "unknown"})
        if (outcomes_.at(outcome)->isChecked()) out.outcomes.emplace_back(outcome);
    for (int g = 0; g < types_->topLevelItemCount(); ++g)
        for (int i = 0; i < types_->topLevelItem(g)->childCount(); ++i)
            if (const QTreeWidgetItem* item = types_->topLevelItem(g)->child(i); item->checkState(0) == Qt::Checked) out.types.push_back(item->data(0, kTypeRole).toString().toStdString());
    return out;
}

void FilterDialog::clear() {
    text_.clear();
    fill({});
    wrong_->say(parts::Tone::plain, {});
}

void FilterDialog::finish() {
    const SearchText search = read();
    if (const auto filter = filter_of(search); !filter) return wrong_->say(filter.error());
    emit chosen(search);
    accept();
}

}  // namespace ui::log
