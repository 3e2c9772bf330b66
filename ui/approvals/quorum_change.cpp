#include "ui/approvals/quorum_change.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <set>

#include "model/approval.h"
#include "ui/parts/deed_form.h"
#include "ui/parts/icon.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::approvals {
namespace {

using parts::Deed;
using parts::text;
using parts::Tone;

constexpr int kLeastNeeded = 2;
constexpr int kMost = static_cast<int>(model::Quorum::kMostOfficers);

}  // namespace

QuorumChoices::QuorumChoices(link::Link& link, const link::pb::Quorum& quorum, QWidget* parent)
    : QWidget(parent), link_(link), quorum_(quorum), rows_(new QVBoxLayout), needed_(new QSpinBox(this)), caution_(new parts::Notice(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* goes = new QLabel(tr("Officers who go, or get another UKEY:"), this);
    column->addWidget(goes);
    for (const link::pb::QuorumOfficer& o : quorum_.officers()) {
        auto* box = new QCheckBox(tr("%1 (%2)").arg(text(o.holder()), text(o.ukey())), this);
        box->setObjectName(QStringLiteral("goes_") + text(o.ukey()));
        column->addWidget(box);
        connect(box, &QCheckBox::toggled, this, &QuorumChoices::look);
        goes_.push_back({o.ukey(), box});
    }
    column->addSpacing(6);
    column->addWidget(new QLabel(tr("Officers who come, each with a blank UKEY that is plugged in:"), this));
    column->addLayout(rows_);
    auto* add = new QPushButton(parts::icon(parts::Picture::add), tr("A&dd an officer"), this);
    add->setObjectName(QStringLiteral("add_officer"));
    connect(add, &QPushButton::clicked, this, &QuorumChoices::add_row);
    column->addWidget(add, 0, Qt::AlignLeft);
    column->addSpacing(6);
    auto* form = new QFormLayout;
    needed_->setObjectName(QStringLiteral("needed"));
    needed_->setRange(kLeastNeeded, kMost);
    needed_->setValue(static_cast<int>(quorum_.needed()));
    form->addRow(tr("How many must agree"), needed_);
    column->addLayout(form);
    column->addWidget(caution_);
    connect(needed_, &QSpinBox::valueChanged, this, &QuorumChoices::look);
    connect(&link_, &link::Link::status_changed, this, &QuorumChoices::look);
    look();
}

void QuorumChoices::add_row() {
    auto* row = new QWidget(this);
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    Comes c{row, new QComboBox(row), new QLineEdit(row)};
    c.reader->setAccessibleName(tr("Reader with the blank UKEY"));
    c.holder->setObjectName(QStringLiteral("holder"));
    c.holder->setPlaceholderText(tr("Name of the officer"));
    c.holder->setAccessibleName(tr("Name of the officer"));
    c.holder->setMaxLength(64);
    auto* drop = new QToolButton(row);
    drop->setText(tr("Take away"));
    line->addWidget(c.reader);
    line->addWidget(c.holder, 1);
    line->addWidget(drop);
    rows_->addWidget(row);
    comes_.push_back(c);
    connect(c.holder, &QLineEdit::textChanged, this, &QuorumChoices::look);
    connect(c.reader, &QComboBox::currentTextChanged, this, &QuorumChoices::look);
    connect(drop, &QToolButton::clicked, this, [this, row] {
        std::erase_if(comes_, [&](const Comes& one) { return one.row == row; });
        row->deleteLater();
        look();
    });
    look();
    c.holder->setFocus();
}

int QuorumChoices::after() const {
    const auto gone = std::ranges::count_if(goes_, [](const Goes& g) { return g.box->isChecked(); });
    return quorum_.officers_size() - static_cast<int>(gone) + static_cast<int>(comes_.size());
}

void QuorumChoices::look() {
    QStringList blank;
    for (const link::pb::ReaderStatus& r : link_.status().readers())
        if (r.content() == "blank") blank << text(r.name());
    for (const Comes& c : comes_) {
        QStringList present;
        for (int i = 0; i < c.reader->count(); ++i) present << c.reader->itemText(i);
        if (present == blank) continue;
        const QSignalBlocker quiet(c.reader);
        const QString chosen = c.reader->currentText();
        c.reader->clear();
        c.reader->addItems(blank);
        if (blank.contains(chosen)) c.reader->setCurrentText(chosen);
    }
    const bool all = after() == needed_->value();
    if (all) caution_->say(Tone::attention, tr("Every officer would be needed."), tr("One lost UKEY, or ten wrong PINs of one officer, would then end everything. Keep more officers than must agree."));
    else caution_->say(Tone::plain, {});
    emit changed();
}

QString QuorumChoices::lacks() const {
    std::set<QString> readers;
    std::set<QString> holders;
    for (const Comes& c : comes_) {
        if (c.reader->currentText().isEmpty()) return tr("Plug in a blank UKEY for every officer who comes.");
        if (!readers.insert(c.reader->currentText()).second) return tr("Each officer who comes needs a blank UKEY of their own.");
        if (c.holder->text().trimmed().isEmpty()) return tr("Write the name of every officer who comes.");
        if (!holders.insert(c.holder->text().trimmed()).second) return tr("Nobody is an officer twice.");
    }
    if (after() > kMost) return tr("There are at most %1 officers.").arg(kMost);
    if (after() < needed_->value()) return tr("%1 must agree, but only %2 officers would be left.").arg(needed_->value()).arg(after());
    const bool somebody_goes = std::ranges::any_of(goes_, [](const Goes& g) { return g.box->isChecked(); });
    if (!somebody_goes && comes_.empty() && needed_->value() == static_cast<int>(quorum_.needed())) return tr("Choose what changes.");
    if (std::ranges::all_of(goes_, [](const Goes& g) { return g.box->isChecked(); })) return tr("At least one of today's officers stays.");
    return {};
}

void QuorumChoices::fill(link::pb::QuorumChange& change) const {
    for (const Goes& g : goes_)
        if (g.box->isChecked()) change.add_remove(g.ukey);
    for (const Comes& c : comes_) {
        auto& add = *change.add_add();
        add.set_reader(parts::bytes(c.reader->currentText()));
        add.set_holder(parts::bytes(c.holder->text().trimmed()));
    }
    change.set_needed(static_cast<std::uint32_t>(needed_->value()));
}

Deed changing_officers(QuorumChoices* choices) {
    parts::Deed deed;
    deed.title = QuorumChoices::tr("Change the officers");
    deed.what = {QuorumChoices::tr("Officers of today must agree, then it is run: those who come choose their PINs."), QuorumChoices::tr("The officers' secret is drawn anew: what anybody had before opens nothing any more."),
                 QuorumChoices::tr("All other requests that wait become void.")};
    deed.wants_reason = true;
    deed.hand = parts::Hand::master;
    deed.choices = choices;
    deed.lacks = [choices] { return choices->lacks(); };
    deed.request = [choices](const QString& reason, const std::string&) {
        link::pb::AdminRequest request;
        choices->fill(*request.mutable_quorum_change());
        request.mutable_quorum_change()->set_reason(parts::bytes(reason));
        return request;
    };
    return deed;
}

}  // namespace ui::approvals
