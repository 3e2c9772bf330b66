#pragma once
#include <QJsonDocument>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>
#include <map>
#include <memory>

#include "ui/link/link.h"
#include "ui/window/main_window.h"

/// A real kmpd on a home of its own, for tests of the window; its people use the PINs of tests/e2e/platform_under_test.py.
class Platform {
public:
    /// `kind`: empty (nothing yet), or one of made_platform.py, open.
    explicit Platform(const QString& kind);
    ~Platform();

    QString home() const { return folder_.path() + QStringLiteral("/home"); }
    QString folder() const { return folder_.path(); }
    /// By the reader's name.
    QString serial(const QString& reader) const { return serials_.at(reader); }
    static QString pin(const QString& role);
    static QString officer_pin(int number);

    void start();
    void stop();
    void unseal();
    /// kmpctl, PINs by role. Fails the test where it does not end with 0.
    QByteArray ctl(const QStringList& arguments, const std::map<QString, QString>& pins = {});
    QJsonDocument status();
    /// What was asked for last, as kmpctl shows it.
    QByteArray newest_request();
    void plug_in_blank(const QString& reader);
    void pull(const QString& reader);
    void plug_in(const QString& reader);
    ui::link::Address address() const;

private:
    QTemporaryDir folder_{QStringLiteral("/tmp/kmp-ui-XXXXXX")};
    std::map<QString, QString> serials_;
    std::unique_ptr<QProcess> kmpd_;
};

/// The window as a person has it before them, on a platform.
class Desk {
public:
    explicit Desk(const Platform& platform);
    ui::link::Link& link() { return link_; }
    ui::window::MainWindow& window() { return *window_; }
    ui::window::Language& language() { return language_; }
    /// Waits until the link is in this state.
    bool comes_to(ui::link::Link::State state);
    /// The one child of this name and type that can be seen.
    template <class T>
    T* find(const QString& name);
    /// Types into a field, key by key.
    static void type(QWidget* field, const QString& text);
    /// Types a PIN into the field of this role.
    void enter(const QString& role, const QString& pin) { type(find<QWidget>(QStringLiteral("pin_") + role), pin); }
    /// The button of the open dialog that does what it is about.
    QPushButton* act();
    void act_with(const QString& role, const QString& pin);
    /// Clicks a button of the window as soon as it is there and can be clicked.
    void push(const QString& name);
    static void click(QWidget* button);
    /// Presses the button of a wizard that goes on, once it can be.
    void next();
    bool can_go_on() { return find<QWidget>(QStringLiteral("next"))->isEnabled(); }
    /// A new PIN, and once more.
    void type_twice(const QString& role, const QString& pin);
    /// Waits for a text in any visible label, or in the model of a visible table.
    bool says(const QString& text, int ms = 30000);
    /// Waits until what the open form asked for is done, which then says this text. (says() alone may find it in the form's own description.)
    bool did(const QString& text);
    /// In the dialog that asks for a file.
    void choose(const QString& file);
    /// The dialog that is open, once one is.
    QDialog* dialog();

private:
    ui::window::Language language_{nullptr};
    ui::link::Link link_;
    std::unique_ptr<ui::window::MainWindow> window_;
};

template <class T>
T* Desk::find(const QString& name) {
    for (QWidget* top : QApplication::topLevelWidgets())
        for (T* child : top->findChildren<T*>(name))
            if (child->isVisible()) return child;
    return nullptr;
}
