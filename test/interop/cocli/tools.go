//go:build tools

package tools

import _ "github.com/veraison/corim/cocli"
