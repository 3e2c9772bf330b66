#pragma once
#include <QWidget>

#include "ui/link/link.h"

namespace ui::window {

/// One page of the window. It asks for what it shows when it is shown, and again when something was done here; it holds nothing that it could not ask for again, for the window builds its pages anew when the language changes.
class Page : public QWidget {
    Q_OBJECT
public:
    Page(link::Link& link, QWidget* parent) : QWidget(parent), link_(link) {}

    /// It has come to the front, or something was done while it is there: time to ask.
    virtual void refresh() {}
    /// Something long that was begun here goes on: the window does not lock by itself meanwhile, and keeps its language.
    virtual bool is_busy() const { return false; }
    /// Goes to one thing on it: a UKEY by its serial, a request by its number.
    virtual void show_item(const QString& /*item*/) {}
    /// Names of what can be shown beside its first look, for pictures: a dialog, a detail.
    virtual QStringList scenes() const { return {}; }
    virtual void show_scene(const QString& /*scene*/) {}
    /// The one that the keyboard begins with.
    virtual QWidget* first_field() { return nullptr; }

signals:
    /// To another page, by its name in pages.cpp, and to one thing on it.
    void go_to(const QString& page, const QString& item);
    /// What it shows is for auditors, and nobody is logged in.
    void log_in_wanted();

protected:
    link::Link& link() const noexcept { return link_; }

private:
    link::Link& link_;
};

}  // namespace ui::window
