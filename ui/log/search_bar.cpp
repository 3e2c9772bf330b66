#include "ui/log/search_bar.h"

#include <QHBoxLayout>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/log/filter_dialog.h"
#include "ui/parts/flow.h"
#include "ui/parts/icon.h"
#include "ui/parts/notice.h"
#include "ui/parts/words.h"

namespace ui::log {
namespace {

using parts::text;

constexpr int kTypingPause = 500;  // ms after the last key

}  // namespace

SearchBar::SearchBar(QWidget* parent)
    : QWidget(parent), saved_(this), text_(new QLineEdit(this)), filter_(new QToolButton(this)), kept_(new QToolButton(this)), menu_(new QMenu(this)), chips_(new QWidget(this)), flow_(new parts::Flow(chips_)), wrong_(new parts::Notice(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    auto* row = new QHBoxLayout;
    text_->setObjectName(QStringLiteral("search"));
    text_->setAccessibleName(tr("Words to look for"));
    text_->setPlaceholderText(searches_another_language() ? tr("Words of the service's own English text; revo* for all that begin so") : tr("Words in the event; revo* for all that begin so"));
    text_->setClearButtonEnabled(true);
    text_->addAction(parts::icon(parts::Picture::search), QLineEdit::LeadingPosition);
    filter_->setObjectName(QStringLiteral("filter"));
    filter_->setText(tr("&Filter …"));
    kept_->setObjectName(QStringLiteral("saved"));
    kept_->setText(tr("&Searches"));
    kept_->setPopupMode(QToolButton::InstantPopup);
    kept_->setMenu(menu_);
    for (QToolButton* button : {filter_, kept_}) {
        button->setFocusPolicy(Qt::StrongFocus);
        button->setMinimumHeight(text_->sizeHint().height());
    }
    row->addWidget(text_, 1);
    row->addWidget(filter_);
    row->addWidget(kept_);
    column->addLayout(row);
    column->addWidget(chips_);
    column->addWidget(wrong_);
    chips_->hide();
    typed_.setSingleShot(true);
    typed_.setInterval(kTypingPause);
    connect(text_, &QLineEdit::textEdited, &typed_, qOverload<>(&QTimer::start));
    connect(text_, &QLineEdit::returnPressed, this, &SearchBar::take_text);
    connect(&typed_, &QTimer::timeout, this, &SearchBar::take_text);
    connect(filter_, &QToolButton::clicked, this, &SearchBar::open_filter);
    connect(menu_, &QMenu::aboutToShow, this, &SearchBar::fill_menu);
    connect(&saved_, &SavedSearches::failed, this, [this](const base::Error& error) { wrong_->say(error); });
    connect(&saved_, &SavedSearches::changed, this, [this] { wrong_->say(parts::Tone::plain, {}); });
}

void SearchBar::begin_typing() {
    text_->setFocus(Qt::ShortcutFocusReason);
    text_->selectAll();
}

void SearchBar::take_text() {
    typed_.stop();
    const std::string words = text_->text().trimmed().toStdString();
    if (words == search_.text) return;
    search_.text = words;
    emit changed();
}

void SearchBar::set_search(const SearchText& search) {
    typed_.stop();
    search_ = search;
    look();
    emit changed();
}

void SearchBar::only(const std::string& name, const std::string& value) {
    SearchText search;
    for (const auto& list : kmp::searches::kSearchLists)
        if (name == list.name) (search.*list.values).push_back(value);
    for (const auto& one : kmp::searches::kSearchValues)
        if (name == one.name) search.*one.value = value;
    set_search(search);
}

void SearchBar::open_filter() {
    take_text();
    auto* dialog = new FilterDialog(search_, this);
    connect(dialog, &FilterDialog::chosen, this, &SearchBar::set_search);
    dialog->open();
}

void SearchBar::look() {
    text_->setText(text(search_.text));
    while (QLayoutItem* item = flow_->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();  // it may be what was clicked
        delete item;
    }
    const std::vector<Part> parts = parts_of(search_);
    for (const Part& part : parts) {
        auto* chip = new QToolButton(chips_);
        chip->setObjectName(QStringLiteral("chip_") + text(part.name));
        chip->setText(QString(part.words).replace(QLatin1Char('&'), QStringLiteral("&&")) + QStringLiteral("  ✕"));
        chip->setAccessibleName(tr("Take away: %1").arg(part.words));
        chip->setToolTip(tr("Take this part of the filter away"));
        chip->setFocusPolicy(Qt::StrongFocus);
        connect(chip, &QToolButton::clicked, this, [this, part] {
            SearchText search = search_;
            take_away(search, part);
            set_search(search);
        });
        flow_->addWidget(chip);
    }
    if (parts.size() > 1) {
        auto* all = new QToolButton(chips_);
        all->setObjectName(QStringLiteral("chips_clear"));
        all->setText(tr("Show everything"));
        all->setAutoRaise(true);
        all->setFocusPolicy(Qt::StrongFocus);
        connect(all, &QToolButton::clicked, this, [this] { set_search({}); });
        flow_->addWidget(all);
    }
    chips_->setVisible(!parts.empty());
}

void SearchBar::fill_menu() {
    menu_->clear();
    take_text();
    for (const SavedSearch& saved : saved_.all()) {
        QAction* action = menu_->addAction(text(saved.name));
        action->setToolTip(text(kmp::searches::in_words(saved.search)));
        connect(action, &QAction::triggered, this, [this, search = saved.search] { set_search(search); });
    }
    if (saved_.all().empty()) menu_->addAction(tr("No search is kept yet"))->setEnabled(false);
    menu_->setToolTipsVisible(true);
    menu_->addSeparator();
    QAction* keep = menu_->addAction(tr("&Keep this search …"), this, [this] {
        ask_name(tr("Keep this search"), tr("Its name. A search of that name is replaced."), {}, [this](const std::string& name) { saved_.save({name, search_}); });
    });
    keep->setObjectName(QStringLiteral("keep"));
    keep->setEnabled(search_ != SearchText());
    keep->setToolTip(search_ == SearchText() ? tr("Look for something first") : QString());
    if (saved_.all().empty()) return;
    QMenu* rename = menu_->addMenu(tr("&Rename"));
    QMenu* remove = menu_->addMenu(tr("&Delete"));
    for (const SavedSearch& saved : saved_.all()) {
        rename->addAction(text(saved.name), this, [this, name = saved.name] {
            ask_name(tr("Rename a search"), tr("Its new name"), text(name), [this, name](const std::string& to) { saved_.rename(name, to); });
        });
        remove->addAction(text(saved.name), this, [this, name = saved.name] { ask_remove(name); });
    }
}

void SearchBar::ask_name(const QString& title, const QString& label, const QString& name, std::function<void(const std::string&)> then) {
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->setLabelText(label);
    dialog->setTextValue(name);
    connect(dialog, &QInputDialog::textValueSelected, this, [then = std::move(then)](const QString& typed) {
        if (const QString chosen = typed.trimmed(); !chosen.isEmpty()) then(chosen.toStdString());
    });
    dialog->open();
}

void SearchBar::ask_remove(const std::string& name) {
    auto* box = new QMessageBox(QMessageBox::Question, tr("Delete a search"), tr("Delete the search %1? The log stays as it is.").arg(text(name)), QMessageBox::Cancel, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* really = box->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    connect(box, &QMessageBox::buttonClicked, this, [this, really, name](QAbstractButton* clicked) {
        if (clicked == really) saved_.remove(name);
    });
    box->open();
}

}  // namespace ui::log
