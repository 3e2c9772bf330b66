#pragma once
#include <QString>

#include "ui/parts/deed_dialog.h"

/// What is done with the meters' keys, each in a dialog that is ready to be opened.
namespace ui::keys {

parts::DeedDialog* rotating(link::Link& link, std::uint32_t next_version, QWidget* parent);
/// `masters`: how many master-control UKEYs it goes from.
parts::DeedDialog* destroying(link::Link& link, const link::pb::KeyVersion& version, int masters, QWidget* parent);
parts::DeedDialog* allowing_download(link::Link& link, const link::pb::Meter& meter, QWidget* parent);
parts::DeedDialog* backing_up(link::Link& link, QWidget* parent);
parts::DeedDialog* refreshing_revocations(link::Link& link, QWidget* parent);

}  // namespace ui::keys
