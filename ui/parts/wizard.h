#pragma once
#include <QDialog>
#include <QElapsedTimer>
#include <vector>

#include "ui/parts/deed_form.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace ui::parts {

/// One step of a Wizard: what it asks for, and whether that is enough to go on.
class Step : public QWidget {
    Q_OBJECT
public:
    /// `text`: under the title, one or two sentences; empty: none.
    Step(const QString& title, const QString& text, QWidget* parent);
    const QString& title() const noexcept { return title_; }

    /// Whether it is one of the steps now: a choice before it may make it needless.
    virtual bool applies() const { return true; }
    /// It comes to the front.
    virtual void enter() {}
    /// What is missing before one can go on, in a sentence; empty: nothing.
    virtual QString missing() const { return {}; }
    /// What stands on the button that goes on.
    virtual QString action() const { return tr("Next"); }
    /// The button was pressed. False: it is not time yet, and go_on() is emitted when it is.
    virtual bool leave() { return true; }
    /// Something is being done that closing the window does not end; stop() ends the waiting for it.
    virtual bool is_running() const { return false; }
    virtual void stop() {}
    virtual QString stop_text() const { return tr("Stop waiting"); }
    /// Closing the window stops it and closes; otherwise it stops, and the window stays and says what came of it.
    virtual bool closes_when_stopped() const { return false; }
    /// It was done for good: there is no way back to it or before it.
    virtual bool is_settled() const { return false; }
    virtual QWidget* first_field() { return nullptr; }
    /// Fills itself in with made-up names, for pictures.
    virtual void imagine() {}

signals:
    void changed();  ///< missing(), action(), is_running() or applies() is another
    void go_on();

protected:
    QVBoxLayout* column() const noexcept { return column_; }

private:
    QString title_;
    QVBoxLayout* column_;
};

/// The last look: what will happen, the PINs, and what came of it.
class DeedStep : public Step {
    Q_OBJECT
public:
    /// `make`: the deed, as the steps before it have it when this one is entered.
    DeedStep(link::Link& link, const QString& title, const QString& text, std::function<Deed()> make, QWidget* parent);
    DeedForm& form() noexcept { return *form_; }
    /// Below what will happen and above the PINs' outcome: what else belongs to this step.
    void put_first(QWidget* widget);
    /// The deed anew: what it is made of has changed. What was typed is wiped.
    void make_again();

    void enter() override { make_again(); }
    QString missing() const override { return form_->why_not(); }
    QString action() const override { return form_->button(); }
    bool leave() override;
    bool is_running() const override { return form_->is_running(); }
    void stop() override { form_->stop_waiting(); }
    bool is_settled() const override { return form_->is_done(); }

private:
    std::function<Deed()> make_;
    DeedForm* form_;
};

/// Steps in a window of its own, forth and back. It does not block: open() it. It deletes itself when it is closed.
class Wizard : public QDialog {
    Q_OBJECT
public:
    Wizard(const QString& title, QWidget* parent);
    /// In their order. They become children of this.
    void add(Step* step);
    /// After all were added.
    void begin();
    Step* now() const;
    /// For pictures: goes to a step, through those before it, which fill themselves in.
    void show_step(int number);

signals:
    void go_to(const QString& page, const QString& item);

protected:
    void reject() override;
    /// To a step before, although what follows it has begun.
    void return_to(Step* step);

private:
    void forth();
    void back();
    void come_to(int number);
    int beside(int number, int direction) const;
    void look();

    std::vector<Step*> steps_;
    int at_ = -1;
    QElapsedTimer came_;  ///< to this step
    QLabel* count_;
    QStackedWidget* stack_;
    QLabel* missing_;
    QPushButton* back_;
    QPushButton* next_;
    QPushButton* close_;
};

}  // namespace ui::parts
