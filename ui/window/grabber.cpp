#include "ui/window/grabber.h"

#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QPainter>
#include <QPixmap>

#include "ui/link/link.h"
#include "ui/window/main_window.h"
#include "ui/window/pages.h"

namespace ui::window {
namespace {

constexpr int kLook = 20;         // ms between two looks whether it has settled
constexpr int kQuiet = 160;      // ms without a question: what was asked for has come, and what moves has moved
constexpr int kLongest = 20000;  // ms
constexpr int kConnect = 15000;  // ms

}  // namespace

Grabber::Grabber(MainWindow& window, link::Link& link, QString folder, const std::vector<std::string>& wanted) : window_(window), link_(link), folder_(std::move(folder)), all_(wanted.empty()) {
    for (const std::string& name : wanted) left_ << QString::fromStdString(name);
}

void Grabber::start() {
    QDir().mkpath(folder_);
    waiting_.start();
    auto* wait = new QTimer(this);
    connect(wait, &QTimer::timeout, this, [this, wait] {
        if (link_.state() == link::Link::State::connecting && !waiting_.hasExpired(kConnect)) return;
        wait->deleteLater();
        if (all_)
            for (const PageEntry& entry : pages()) {
                const QString name = QString::fromLatin1(entry.name);
                left_ << name;
                for (const QString& scene : window_.page(name)->scenes()) left_ << name + QLatin1Char('/') + scene;
            }
        settled(&Grabber::next);
    });
    wait->start(100);
}

void Grabber::next() {
    const auto dialogs = window_.findChildren<QDialog*>();
    for (QDialog* dialog : dialogs) dialog->close();
    if (left_.isEmpty()) return QApplication::exit(failed_ ? 1 : 0);
    now_ = left_.takeFirst();
    const QString name = now_.section(QLatin1Char('/'), 0, 0);
    Page* page = window_.page(name);
    if (page == nullptr) {
        failed_ = true;
        return next();
    }
    window_.go_to(name);
    settled(&Grabber::show);
}

void Grabber::show() {
    if (const QString scene = now_.section(QLatin1Char('/'), 1); !scene.isEmpty()) window_.page(now_.section(QLatin1Char('/'), 0, 0))->show_scene(scene);
    settled(&Grabber::save);
}

void Grabber::settled(void (Grabber::*then)()) {
    waiting_.start();
    quiet_.start();
    auto* look = new QTimer(this);
    connect(look, &QTimer::timeout, this, [this, look, then] {
        const Page* page = window_.page(window_.current());
        if (!link_.is_idle() || (page != nullptr && page->is_busy())) quiet_.start();
        if (!quiet_.hasExpired(kQuiet) && !waiting_.hasExpired(kLongest)) return;
        look->stop();
        look->deleteLater();
        (this->*then)();
    });
    look->start(kLook);
}

void Grabber::save() {
    // A dialog is shown in front of its window, as people see it.
    QPixmap picture = window_.grab();
    const auto dialogs = window_.findChildren<QDialog*>();
    for (QDialog* dialog : dialogs) {
        if (!dialog->isVisible()) continue;
        const QPixmap over = dialog->grab();
        QPainter painter(&picture);
        painter.fillRect(QRect(QPoint(0, 0), window_.size()), QColor(0, 0, 0, 90));
        const QPoint at((window_.width() - dialog->width()) / 2, (window_.height() - dialog->height()) / 2);
        painter.drawPixmap(at, over);
    }
    if (!picture.save(folder_ + QLatin1Char('/') + QString(now_).replace(QLatin1Char('/'), QLatin1Char('-')) + QStringLiteral(".png"))) failed_ = true;
    next();
}

}  // namespace ui::window
