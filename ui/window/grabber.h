#pragma once
#include <QElapsedTimer>
#include <QObject>
#include <QStringList>
#include <QTimer>
#include <string>
#include <vector>

namespace ui::link {
class Link;
}

namespace ui::window {

class MainWindow;

/// Saves pictures of every page and of what its pages can show, for documentation and for whoever looks them over. Ends the program: with 1 where one could not be made.
class Grabber : public QObject {
    Q_OBJECT
public:
    /// `wanted`: "home", "ukeys/issue"; empty: all.
    Grabber(MainWindow& window, link::Link& link, QString folder, const std::vector<std::string>& wanted);
    void start();

private:
    void next();
    void save();
    /// Once what is asked is answered and nothing has been asked for a while; or when that takes too long.
    void settled(void (Grabber::*then)());
    void show();
    MainWindow& window_;
    link::Link& link_;
    QString folder_;
    QStringList left_;
    QString now_;
    bool all_;
    bool failed_ = false;
    QElapsedTimer waiting_;
    QElapsedTimer quiet_;
};

}  // namespace ui::window
