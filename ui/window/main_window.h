#pragma once
#include <QMainWindow>
#include <QTimer>
#include <map>
#include <string>
#include <vector>

#include "ui/link/link.h"
#include "ui/window/language.h"

class QLabel;
class QListWidget;
class QStackedWidget;
class QToolButton;

namespace ui::parts {
class Notice;
}

namespace ui::window {

class LockScreen;
class Page;

/// The window: pages at the left, what is wrong with the service above, and a lock in front of it all.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(link::Link& link, Language& language);
    ~MainWindow() override;

    /// The page of this name, and one thing on it.
    void go_to(const QString& page, const QString& item = {});
    Page* page(const QString& name) const;
    QString current() const;
    /// Wipes what was typed, logs the auditor out, and hides everything.
    void lock(const QString& why);
    void unlock();
    /// The program ends: dialogs are closed, and what is remembered is written. Asks nothing.
    void end();
    bool is_locked() const;

protected:
    void closeEvent(QCloseEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void build();
    void build_menus();
    void show_page(int number);
    void look_at_state();
    void look_at_readers();
    void look_at_auditor();
    /// A UKEY is being worked on.
    bool something_runs() const;
    /// That, or something long that a page has begun.
    bool is_busy() const;
    void log_in();
    void about();
    void close_dialogs();

    link::Link& link_;
    Language& language_;
    QStackedWidget* layers_ = nullptr;  ///< work, lock
    LockScreen* lock_screen_ = nullptr;
    QListWidget* list_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    QLabel* closed_ = nullptr;  ///< in the place of a page that needs an open platform
    parts::Notice* trouble_ = nullptr;
    QLabel* who_ = nullptr;
    QToolButton* login_ = nullptr;
    std::vector<Page*> pages_;
    std::map<std::string, std::string> hands_;  ///< serials of the UKEYs that people act with, as they were seen last, and their readers
    QTimer idle_;
    QString wanted_ = QStringLiteral("home");
};

}  // namespace ui::window
