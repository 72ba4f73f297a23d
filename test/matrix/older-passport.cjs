/** Passport 0.4 and 0.5 for test hosts that are written for 0.7: `session()` brings `initialize()` along, and log-out calls back. See jest.config.mjs. */
const name = `passport-${process.env.HOST_PASSPORT}`;
const passport = require(name);
const { logOut } = require(`${name}/lib/http/request`);

const { session } = passport.Passport.prototype;

function logOutAndCallBack(...given) {
  logOut.call(this);
  given.find((one) => typeof one === 'function')?.();
}

passport.Passport.prototype.session = function sessionWithAllItNeeds(...given) {
  const [initialize, authenticate] = [
    this.initialize({ userProperty: this._userProperty }),
    session.apply(this, given),
  ];
  return (req, res, next) => {
    req.logOut = req.logout = logOutAndCallBack;
    initialize(req, res, (error) => (error ? next(error) : authenticate(req, res, next)));
  };
};

module.exports = passport;
