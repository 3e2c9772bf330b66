#pragma once
#include "ui/issue/batch_run.h"
#include "ui/parts/wizard.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace ui::parts {
class Notice;
class PinField;
}

namespace ui::issue {

/// Stick after stick: one thing to do, and the table of what came of each row.
class RunStep : public parts::Step {
    Q_OBJECT
public:
    RunStep(BatchModel& rows, BatchRun& run, QWidget* parent);
    void enter() override { look(); }
    QString action() const override { return run_.state() == BatchRun::State::stopped ? tr("Go on …") : tr("Close"); }
    bool leave() override;
    bool is_running() const override { return run_.is_running(); }
    void stop() override { run_.stop(tr("You have stopped it.")); }
    QString stop_text() const override { return tr("Stop"); }
    bool closes_when_stopped() const override { return true; }
    bool is_settled() const override { return run_.state() == BatchRun::State::done; }
    QWidget* first_field() override;

signals:
    /// It was stopped, and somebody wants to go on: the master's PIN is asked for anew.
    void again();

private:
    void look();
    void give();
    BatchModel& rows_;
    BatchRun& run_;
    QLabel* task_;
    QProgressBar* progress_;
    QWidget* pins_;
    parts::PinField* pin_;
    parts::PinField* once_more_;
    QPushButton* give_;
    parts::Notice* trouble_;
};

}  // namespace ui::issue
