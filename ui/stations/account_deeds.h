#pragma once
#include "ui/parts/deed_dialog.h"

/// What is done with network accounts and held stations, each in a dialog that is ready to be opened.
namespace ui::stations {

/// `ukeys`: user UKEYs whose grant an account may use, by serial, and how they are shown.
struct UkeyChoice {
    std::string serial;
    QString shown;
};
parts::DeedDialog* adding_account(link::Link& link, const std::vector<UkeyChoice>& ukeys, QWidget* parent);
parts::DeedDialog* disabling_account(link::Link& link, const link::pb::Account& account, QWidget* parent);
parts::DeedDialog* enabling_account(link::Link& link, const link::pb::Account& account, QWidget* parent);
/// A new password, which lifts the lock of ten wrong ones too.
parts::DeedDialog* resetting_account(link::Link& link, const link::pb::Account& account, QWidget* parent);
parts::DeedDialog* binding_account(link::Link& link, const link::pb::Account& account, QWidget* parent);
parts::DeedDialog* releasing_station(link::Link& link, const link::pb::HeldStation& station, QWidget* parent);

}  // namespace ui::stations
