package board

// Role is what a link or a platform grants on one board.
type Role string

// The roles, strongest first.
const (
	RoleModerator Role = "moderator"
	RoleWriter    Role = "writer"
	RoleReader    Role = "reader"
)
