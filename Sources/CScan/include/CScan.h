// Scans over raw bytes: which of them are structure, and in what form they are written.
#pragma once
#include "structure.h"
#include "hex.h"
#include "json_text.h"
#include "json_shape.h"
#include "utf8.h"
#include "transcode.h"
