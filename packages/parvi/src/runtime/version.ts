// The version of this package, told to who operates a node. A test holds it equal to package.json, which a bundled program
// does not carry.

export const parviVersion = '0.1.0';
